import { LIMITS } from "../../contract/limits.ts";
import { maskSecrets } from "../../contract/secrets.ts";
import { readTurns, type Turn } from "../../contract/transcript.ts";
import type { Pace } from "./pace.ts";
import { windowOf } from "./text-window.ts";

/** How a page shows a session: what was said and done, or the lines as they are. */
export type SessionView = "conversation" | "raw";

/** What a page shows of one archive line, from a character on. */
export interface ShownLine {
  /** The line's number, as every piece of the line begins. */
  lead: string;
  body: string;
  /** More of the line follows than was asked for. */
  goesOn: boolean;
}

/** The part of a line to show, in characters of what the line shows. */
export interface Part {
  from: number;
  chars: number;
}

/**
 * One archive line with our own secrets masked: `12: {"type":…` raw, and `12  user: text` for every turn of a
 * conversation, whose further lines are indented. Undefined when there is nothing to show.
 */
export async function renderLine(
  { line, data }: { line: number; data: Buffer },
  view: SessionView,
  part: Part,
  pace: Pace,
): Promise<ShownLine | undefined> {
  if (view === "conversation") return turnsOf(line, data, part);
  const { text, goesOn } = await windowOf(data, part, pace);
  return { lead: `${line}: `, body: text, goesOn };
}

function turnsOf(line: number, data: Buffer, { from }: Part): ShownLine | undefined {
  const lead = `${line}  `;
  const isLong = data.length > LIMITS.sessions.turnLineBytes;
  const turns = isLong ? [tooLong(data)] : readTurns(maskSecrets(data.toString("utf8")));
  if (turns.length === 0) return undefined;
  return { lead, body: turns.map(renderTurn).join(`\n${lead}`).slice(from), goesOn: false };
}

function tooLong({ length }: Buffer): Turn {
  return { role: "system", text: `[a line of ${length} bytes is too long for this view; view raw]` };
}

function renderTurn({ role, name, text }: Turn): string {
  const label = name === undefined ? role : `${role} ${name}`;
  return `${label}: ${shortened(role, maskSecrets(text).trimEnd())}`.replaceAll("\n", "\n    ");
}

function shortened(role: Turn["role"], text: string): string {
  const limit = LIMITS.sessions.toolChars;
  if ((role !== "tool_result" && role !== "tool_call") || text.length <= limit) return text;
  const end = limit - (endsInsideCharacter(text, limit) ? 1 : 0);
  return `${text.slice(0, end)}… [${text.length - end} more characters; view raw]`;
}

/** True when a cut at `end` would split a surrogate pair. */
export function endsInsideCharacter(text: string, end: number): boolean {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(end - 1, end + 1));
}
