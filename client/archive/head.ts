import { FactsCollector, type TranscriptFacts } from "../../contract/transcript.ts";
import { LIMITS } from "../../contract/limits.ts";

const LINE_FEED = 10;

/** What the beginning of a transcript tells. */
export interface Head {
  facts: TranscriptFacts;
  /** The whole file was read: what is not in the facts is not in the file. */
  whole: boolean;
}

/**
 * Reads a transcript from its start until it has told its session and its folder, at most
 * `LIMITS.client.transcriptHeadBytes`. Lines end at `\n` only: the JSON of a line may hold U+2028.
 */
export async function readHead(source: AsyncIterable<Buffer>): Promise<Head> {
  const collector = new FactsCollector();
  let pending: Buffer[] = [];
  let readBytes = 0;
  for await (const chunk of source) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      collector.add(textOf([...pending, chunk.subarray(start, end)]));
      pending = [];
      start = end + 1;
    }
    pending.push(chunk.subarray(start));
    readBytes += chunk.length;
    const facts = collector.facts();
    const learned = collector.complete || (facts.sessionId !== undefined && facts.cwd !== undefined);
    if (learned || readBytes >= LIMITS.client.transcriptHeadBytes) return { facts, whole: false };
  }
  collector.add(textOf(pending));
  return { facts: collector.facts(), whole: true };
}

function textOf(parts: readonly Buffer[]): string {
  return Buffer.concat(parts).toString("utf8");
}
