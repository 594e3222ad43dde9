import { LIMITS } from "../../contract/limits.ts";
import { FactsCollector, type TranscriptFacts } from "../../contract/transcript.ts";
import { objectAt, parseObject, textAt } from "../../contract/transcript-json.ts";
import { nameInUrl } from "./repository.ts";

const LINE_FEED = 10;

/** What the beginning of a transcript tells. */
export interface Head {
  facts: TranscriptFacts;
  /** Name of the repository that Codex noted when the session began. */
  repository?: string;
  /** The whole file was read: what is not in the facts is not in the file. */
  whole: boolean;
}

/**
 * Reads a transcript from its start until it has told its session and its folder, at most
 * `LIMITS.client.transcriptHeadBytes`. Lines end at `\n` only: the JSON of a line may hold U+2028.
 */
export async function readHead(source: AsyncIterable<Buffer>): Promise<Head> {
  const collector = new FactsCollector();
  let isNamed = false;
  let noted: Pick<Head, "repository"> = {};
  const add = (line: string): void => {
    collector.add(line);
    if (isNamed) return;
    // Only the line that names the session counts: a fork goes on with lines of another session.
    isNamed = collector.facts().sessionId !== undefined;
    if (isNamed) noted = repositoryIn(line);
  };
  let pending: Buffer[] = [];
  let readBytes = 0;
  for await (const chunk of source) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      add(textOf([...pending, chunk.subarray(start, end)]));
      pending = [];
      start = end + 1;
    }
    pending.push(chunk.subarray(start));
    readBytes += chunk.length;
    const facts = collector.facts();
    const learned = collector.complete || (facts.sessionId !== undefined && facts.cwd !== undefined);
    if (learned || readBytes >= LIMITS.client.transcriptHeadBytes) return { facts, ...noted, whole: false };
  }
  add(textOf(pending));
  return { facts: collector.facts(), ...noted, whole: true };
}

/** Codex notes the remote of the repository in its first line: in `payload`, in its oldest files at the top. */
function repositoryIn(line: string): Pick<Head, "repository"> {
  const meta = parseObject(line);
  const url = textAt(objectAt(objectAt(meta, "payload") ?? meta, "git"), "repository_url");
  const repository = url === undefined ? undefined : nameInUrl(url);
  return repository === undefined ? {} : { repository };
}

function textOf(parts: readonly Buffer[]): string {
  return Buffer.concat(parts).toString("utf8");
}
