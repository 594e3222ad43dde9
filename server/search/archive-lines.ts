import { maskSecrets } from "../../contract/secrets.ts";
import { parseObject, textAt } from "../../contract/transcript-json.ts";
import { readTurns } from "../../contract/transcript.ts";
import type { TurnRole } from "../../contract/search.ts";
import { readChunks } from "../sessions/chunks.ts";
import { countLineFeeds, endsInsideLine } from "../storage/line-feeds.ts";
import type { Source } from "./job.ts";
import type { RawHint } from "./raw-hint.ts";

/** A line of an archive with the turns it holds, masked. */
export interface ArchiveLine {
  line: number;
  turns: { role: TurnRole; text: string }[];
  /** When it was written, if it says so. */
  timeMs(): number | undefined;
}

export type SessionSource = Extract<Source, { kind: "session" }>;

/** The lines of an archive that hold turns and are worth reading, chunk by chunk, with the last line of each chunk. */
export async function* archiveLines(
  root: string,
  { segments, fromLine, lastLine }: SessionSource,
  hint: RawHint,
): AsyncGenerator<{ lines: Iterable<ArchiveLine>; lastLine: number }> {
  for await (const { firstLine, data } of readChunks(root, segments, { fromLine })) {
    if (firstLine > lastLine) return;
    const isWorth = hint.worth(data);
    const range = { firstLine, fromLine, lastLine };
    const lines = isWorth === undefined ? [] : turnsOf(data.toString("utf8").split("\n"), range, isWorth);
    yield { lines, lastLine: Math.min(lastLine, firstLine + linesOf(data) - 1) };
  }
}

/** Lines end with `\n` and nothing else; U+2028 and the like are part of a line. */
function* turnsOf(
  texts: readonly string[],
  { firstLine, fromLine, lastLine }: { firstLine: number; fromLine: number; lastLine: number },
  isWorth: (index: number) => boolean,
): Generator<ArchiveLine> {
  for (const [index, text] of texts.entries()) {
    const line = firstLine + index;
    if (line < fromLine || line > lastLine || text === "" || !isWorth(index)) continue;
    const turns = readTurns(text).map(({ role, text, name }) => ({
      role,
      text: maskSecrets(name === undefined ? text : `${name} ${text}`),
    }));
    if (turns.length > 0) yield { line, turns, timeMs: () => timeOf(text) };
  }
}

function linesOf(data: Buffer): number {
  return countLineFeeds(data) + (endsInsideLine(data) ? 1 : 0);
}

const TIMESTAMP = /"timestamp":\s*"(\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))"/g;

/** The `timestamp` of a transcript line. Only one with several (a tool's own may be inside) has to be parsed. */
function timeOf(text: string): number | undefined {
  const [first, ...others] = [...text.matchAll(TIMESTAMP)];
  const stamp = others.length === 0 ? first?.[1] : textAt(parseObject(text), "timestamp");
  const timeMs = stamp === undefined ? Number.NaN : Date.parse(stamp);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
