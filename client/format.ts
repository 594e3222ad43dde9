/** Stored text, numbers, times and failures as a person reads them. */
import { showInvisible } from "../contract/secrets.ts";
import { isErrno } from "../disk/errno.ts";

/** In seconds, longest first. */
const DURATIONS = [
  ["days", 86_400],
  ["h", 3_600],
  ["min", 60],
] as const;
const LINE_BREAK = /[\r\n\u2028\u2029]/;

/** One line that is safe to show: no line breaks, no terminal commands, no hidden or reordering characters. */
export function plain(text: string): string {
  const spaced = text.replace(/\s+/g, (run) => (LINE_BREAK.test(run) ? " " : run.replaceAll("\t", " ")));
  return showInvisible(spaced);
}

/** Like `plain` for several lines: line breaks and tabs stay. */
export function plainLines(text: string): string {
  return showInvisible(text.replace(/\r\n?/g, "\n"));
}

/** `1.4 kB`, in steps of 1000. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** `2026-11-21 07:14` in this machine's time zone; the text itself when it is no date. */
export function formatTime(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return plain(iso);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** `16 s`, `5 min`, `3 h`, `12 days`: the largest unit of which there are at least two, else seconds. */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const unit = DURATIONS.find(([, length]) => seconds >= 2 * length);
  if (unit === undefined) return `${seconds} s`;
  const [name, length] = unit;
  return `${Math.floor(seconds / length)} ${name}`;
}

/** A failure in one sentence, with what to try when that is known. Never a stack. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return plain(String(error));
  return withHint(error.message, hintOf(error));
}

/** What to try, where that is known. */
export function hintOf(error: Error): string | undefined {
  if ("hint" in error && typeof error.hint === "string") return error.hint;
  return isErrno(error, "EACCES", "EPERM")
    ? "It must belong to you: what was made with sudo is root's, until chown gives it back"
    : undefined;
}

/** What went wrong and what to try, in one line that is safe to show. */
export function withHint(message: string, hint: string | undefined): string {
  if (hint === undefined) return plain(message);
  // The look behind keeps it linear: a run of dots is tried at its beginning only.
  const sentence = message.replace(/(?<![.\s])[.\s]+$/, "");
  return plain(`${sentence}${/[?!]$/.test(sentence) ? "" : "."} ${hint}`);
}
