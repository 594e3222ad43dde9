import type { Writable } from "node:stream";
import { inspect } from "node:util";
import { showInvisible } from "../contract/secrets.ts";
import { isErrno } from "../disk/errno.ts";
import { Progress } from "./progress.ts";
import { displayWidth, fitWidth, padWidth } from "./text-width.ts";

const STYLES = ["bold", "dim", "red", "green", "yellow", "cyan"] as const;
export type Style = (typeof STYLES)[number];

/** What ends the wait for a slow reader. */
const WAKING = ["drain", "close", "error"] as const;

/** Where a program may write; `process.stdout` and `process.stderr` are such. */
export type Terminal = Writable & { isTTY?: boolean | undefined; columns?: number | undefined };

export interface OutputOptions {
  stdout: Terminal;
  stderr: Terminal;
  env: Readonly<Record<string, string | undefined>>;
  /** Answers are JSON on stdout. */
  json?: boolean;
  /** No talk on stderr but warnings and failures. */
  quiet?: boolean;
}

export interface Column {
  title: string;
  align?: "left" | "right";
  style?: Style;
}

/**
 * The two mouths of a command: stdout gives data, stderr talks. Everything that people see passes
 * `showInvisible`, so stored text cannot send commands to the terminal. A reader that went away
 * (`memory-sync sessions | head`) is no failure: what follows is dropped, and `closed` tells.
 */
export class Output {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly #stdout: Terminal;
  readonly #stderr: Terminal;
  readonly #colors: { stdout: boolean; stderr: boolean };
  readonly #decoder = new TextDecoder();
  #progress: Progress | undefined;
  #closed = false;

  constructor(options: OutputOptions) {
    this.json = options.json ?? false;
    this.quiet = options.quiet ?? false;
    this.#stdout = options.stdout;
    this.#stderr = options.stderr;
    this.#colors = {
      stdout: wantsColor(options.stdout, options.env),
      stderr: wantsColor(options.stderr, options.env),
    };
    this.#stdout.on("error", (error) => {
      throwUnlessGone(error);
      this.#closed = true;
    });
    this.#stderr.on("error", throwUnlessGone);
  }

  /** True when nobody reads stdout any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** True when a person looks at stdout. */
  get interactive(): boolean {
    return this.#stdout.isTTY === true;
  }

  /** The command's result: `value` as one line of JSON with --json, else the text for people. */
  answer(value: unknown, human: () => string): void {
    if (this.json) this.print(JSON.stringify(value));
    else this.print(human());
  }

  /** A line of data on stdout. The caller has made foreign text harmless with `plain`. */
  print(line: string): void {
    this.#progress?.clear();
    if (!this.#closed) this.#stdout.write(`${line}\n`);
    this.#progress?.draw();
  }

  /** Bytes on stdout: as they are into a pipe, harmless on a terminal. Waits while the reader is slow. */
  async write(data: Uint8Array): Promise<void> {
    const shown = this.interactive ? plainLines(this.#decoder.decode(data, { stream: true })) : data;
    if (this.#closed || this.#stdout.write(shown)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const event of WAKING) this.#stdout.off(event, done);
        resolve();
      };
      for (const event of WAKING) this.#stdout.on(event, done);
    });
  }

  /** A line of talk on stderr; silent with --quiet. */
  say(line: string): void {
    if (!this.quiet) this.#talk(line);
  }

  warn(line: string): void {
    this.#talk(`${this.#paint("yellow", "warning:", "stderr")} ${line}`);
  }

  fail(line: string): void {
    this.#talk(`${this.#paint("red", "error:", "stderr")} ${line}`);
  }

  /** Colours for stdout, when a person looks at it. */
  paint(style: Style, text: string): string {
    return this.#paint(style, text, "stdout");
  }

  /** Rows under their titles, columns aligned by what a terminal shows; the last column is cut at the terminal's edge. */
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
    const cells = rows.map((row) => columns.map((_, index) => plain(row[index] ?? "")));
    const widths = columns.map((column, index) =>
      Math.max(displayWidth(column.title), ...cells.map((row) => displayWidth(row[index] ?? ""))),
    );
    const line = (row: readonly string[], styleOf: (column: Column) => Style | undefined): string =>
      columns
        .map((column, index) => this.#cell(row[index] ?? "", column, widths, index, styleOf))
        .join("  ")
        .trimEnd();
    return [
      line(
        columns.map((column) => column.title),
        () => "bold",
      ),
      ...cells.map((row) => line(row, (column) => column.style)),
    ].join("\n");
  }

  /** A bar on stderr for long work; draws nothing unless a person looks at stderr. Dispose it when the work ends. */
  progress(label: string, total: number): Progress {
    const visible = this.#stderr.isTTY === true && !this.quiet;
    const progress = new Progress({
      label,
      total,
      write: visible ? (text) => void this.#stderr.write(text) : undefined,
      columns: () => this.#stderr.columns ?? 80,
      ended: () => (this.#progress = undefined),
    });
    this.#progress = progress;
    return progress;
  }

  #cell(
    text: string,
    column: Column,
    widths: readonly number[],
    index: number,
    styleOf: (column: Column) => Style | undefined,
  ): string {
    const last = index === widths.length - 1;
    const used = widths.slice(0, index).reduce((sum, width) => sum + width + 2, 0);
    const room = Math.max(10, (this.#stdout.columns ?? 80) - used);
    const shown = last && this.interactive ? fitWidth(text, room) : text;
    const padded =
      last && column.align !== "right" ? shown : padWidth(shown, widths[index] ?? 0, column.align);
    const style = styleOf(column);
    return style === undefined ? padded : this.paint(style, padded);
  }

  #talk(line: string): void {
    this.#progress?.clear();
    this.#stderr.write(`${line}\n`);
    this.#progress?.draw();
  }

  #paint(style: Style, text: string, where: "stdout" | "stderr"): string {
    if (!this.#colors[where]) return text;
    const [on, off] = inspect.colors[style] ?? [0, 0];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  }
}

function throwUnlessGone(error: unknown): void {
  if (!isErrno(error, "EPIPE", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END", "ECONNRESET", "EIO"))
    throw error;
}

/** One line that is safe to show: no line breaks, no terminal commands, no hidden or reordering characters. */
export function plain(text: string): string {
  return showInvisible(text.replace(/\s*[\r\n\u2028\u2029]+\s*/g, " ").replaceAll("\t", " "));
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

/** A failure in one sentence, with what to try when that is known. Never a stack. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return plain(String(error));
  const hint = "hint" in error && typeof error.hint === "string" ? error.hint : undefined;
  return plain(hint === undefined ? error.message : `${error.message.replace(/[.\s]+$/, "")}. ${hint}`);
}

/** FORCE_COLOR wins over NO_COLOR, as in Node itself; source: https://no-color.org and Node's `tty` documentation. */
function wantsColor(terminal: Terminal, env: OutputOptions["env"]): boolean {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  return terminal.isTTY === true && env["TERM"] !== "dumb";
}
