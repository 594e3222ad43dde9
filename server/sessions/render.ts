import { LIMITS } from "../../contract/limits.ts";
import { maskSecrets } from "../../contract/secrets.ts";
import { readTurns, type Turn } from "../../contract/transcript.ts";

/** How a page shows a session: what was said and done, or the lines as they are. */
export type SessionView = "conversation" | "raw";

/** What a page shows of one archive line. */
export interface ShownLine {
  /** The line's number, as every piece of the line begins. */
  lead: string;
  body: string;
}

/**
 * One archive line with our own secrets masked: `12: {"type":…` raw, and `12  user: text` for every turn of a
 * conversation, whose further lines are indented. Undefined when there is nothing to show.
 */
export function renderLine(line: number, text: string, view: SessionView): ShownLine | undefined {
  const masked = maskSecrets(text);
  if (view === "raw") return { lead: `${line}: `, body: masked };
  const turns = readTurns(masked);
  const lead = `${line}  `;
  return turns.length === 0 ? undefined : { lead, body: turns.map(renderTurn).join(`\n${lead}`) };
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
