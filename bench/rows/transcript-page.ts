import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { SessionLines } from "../../contract/wire.ts";
import type { Row } from "../bench.ts";
import { longSession, type LongSession } from "../corpora.ts";
import { randomOf } from "../generate/random.ts";
import { findingOf } from "../measure/finding.ts";
import { interleave, timed, type Trial } from "../measure/interleave.ts";
import { summaryOf } from "../measure/statistics.ts";
import type { HttpClient } from "../programs/http-client.ts";

const GATE = { timesBaseline: 1 / 100 };
/** Pages of each kind that are read first: a server that was just started takes twice as long for them. */
const WARM_UP_PAGES = 200;
/** Read in a row for one measurement. */
const PAGES = 9;
/** Gunzip of the whole archive gets no faster after these. */
const WARM_UP = 3;

const REMARK =
  "HTTP with nothing behind it takes 0.3 ms. Without it a raw page takes 0.55 ms and one of a conversation 1.25 ms: it lies in 1.6 chunks on average, each of which takes 0.35 ms to inflate and check, and as much again is to parse and show its 48 lines. No other chunk is read, and none can be left half inflated: its checksum is over all of it. What was inflated is given back at once: left to the garbage collector, it was a third to a half of a page's processor time. In the thread pool, inflating takes 1.4 times as long; keeping chunk tables in memory would save less than 0.1 ms.";

/** One page from anywhere in a long transcript, as an AI reads it. */
export const transcriptPage: Row = {
  name: "transcript-page",
  title: "One page of a long transcript",
  baseline: "reading the archive and gunzip of all of it, in one process",
  remark: REMARK,
  async run(bench) {
    const corpus = await bench.corpus("large");
    const { ai } = await bench.server("large");
    const session = await longSession(corpus);
    const ours = {
      "a page of the conversation": pageTrial(ai, session, "conversation"),
      "a page as it was written": pageTrial(ai, session, "raw"),
    };
    for (const page of Object.values(ours))
      for (let count = 0; count < WARM_UP_PAGES; count += PAGES) await page();
    const baseline = () => timed(async () => gunzipSync(await readFile(session.archive)));
    const turns = { rounds: bench.sizes.rounds.fast, warmUp: WARM_UP };
    const comparisons = await interleave(ours, baseline, turns);
    return comparisons.map((comparison) => findingOf(comparison, "ms", GATE));
  },
};

/** The median of some pages in a row: the first ones also pay for what the baseline left this process to clear away. */
function pageTrial(client: HttpClient, session: LongSession, view: "conversation" | "raw"): Trial {
  const random = randomOf(session.lines);
  return async () => {
    const taken: number[] = [];
    // Each begins at a line that hardly anybody asked for before.
    while (taken.length < PAGES)
      taken.push(await pageMs(client, session, view, 1 + random.integer(session.lines - 1)));
    return summaryOf(taken).median;
  };
}

async function pageMs(
  client: HttpClient,
  { workspaceId, sessionId }: LongSession,
  view: "conversation" | "raw",
  from: number,
): Promise<number> {
  const path = `/api/v1/workspaces/${workspaceId}/sessions/${sessionId}/lines?view=${view}&from_line=${from}`;
  const started = performance.now();
  const { body } = await client.send({ path });
  const ms = performance.now() - started;
  const page = SessionLines.parse(JSON.parse(body.toString("utf8")));
  if (page.text === "") throw new Error(`line ${from} of the long transcript: an empty page`);
  return ms;
}
