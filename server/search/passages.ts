import { maskSecrets } from "../../contract/secrets.ts";
import { readTurns } from "../../contract/transcript.ts";
import type { TurnRole } from "../../contract/wire.ts";
import { Folder } from "../../disk/folder.ts";
import { readChunks } from "../sessions/chunks.ts";
import { LAYOUT } from "../storage/layout.ts";
import type { Source } from "./job.ts";

/** A line of an archive with the turns it holds, masked. */
export interface ArchiveLine {
  line: number;
  turns: { role: TurnRole; text: string }[];
  /** When it was written, if it says so. */
  timeMs(): number | undefined;
}

export type SessionSource = Extract<Source, { kind: "session" }>;
export type KnowledgeSource = Extract<Source, { kind: "knowledge" }>;

/** The lines of an archive that hold turns, chunk by chunk, with the last line of each chunk. */
export async function* archiveLines(
  root: string,
  { segments, fromLine }: SessionSource,
): AsyncGenerator<{ lines: Generator<ArchiveLine>; lastLine: number }> {
  for await (const { firstLine, data } of readChunks(root, segments, { fromLine })) {
    const texts = linesOf(data);
    yield { lines: turnsOf(texts, firstLine, fromLine), lastLine: firstLine + texts.length - 1 };
  }
}

function* turnsOf(texts: readonly string[], firstLine: number, fromLine: number): Generator<ArchiveLine> {
  for (const [index, text] of texts.entries()) {
    const line = firstLine + index;
    if (line < fromLine || text === "") continue;
    const turns = readTurns(text).map(({ role, text }) => ({ role, text: maskSecrets(text) }));
    if (turns.length > 0) yield { line, turns, timeMs: () => timeOf(text) };
  }
}

/** Lines end with `\n` and nothing else; U+2028 and the like are part of a line. */
function linesOf(data: Buffer): string[] {
  const lines = data.toString("utf8").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

const TIMESTAMP = /"timestamp":\s*"(\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))"/g;

/** The `timestamp` of a transcript line. Only one with several (a tool's own may be inside) has to be parsed. */
function timeOf(text: string): number | undefined {
  const [first, ...others] = [...text.matchAll(TIMESTAMP)];
  const stamp = others.length === 0 ? first?.[1] : outermost(text);
  const timeMs = stamp === undefined ? Number.NaN : Date.parse(stamp);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

function outermost(text: string): string | undefined {
  try {
    const line: unknown = JSON.parse(text);
    if (typeof line !== "object" || line === null || !("timestamp" in line)) return undefined;
    return typeof line.timestamp === "string" ? line.timestamp : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A knowledge file or overview, masked. Throws ENOENT when it is gone, `forbidden` when it is a link. */
export async function readKnowledgeText(root: string, source: KnowledgeSource): Promise<string> {
  await using base = await Folder.open(root);
  const names = source.path?.split("/") ?? [];
  const file = names.pop() ?? LAYOUT.overview;
  const inner = source.path === undefined ? [] : [LAYOUT.knowledge, ...names];
  await using folder = await base.enter(LAYOUT.workspaces, source.workspaceId, ...inner);
  await using handle = await folder.openFile(file);
  return maskSecrets(await handle.readFile("utf8"));
}

const HEADING = /^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*\r?$/;

/** The text of a markdown heading, undefined for any other line. */
export function headingOf(line: string): string | undefined {
  const text = HEADING.exec(line)?.[1]?.trim();
  return text === "" ? undefined : text;
}
