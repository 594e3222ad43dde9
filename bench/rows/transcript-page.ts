import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { SessionLines } from "../../contract/wire.ts";
import type { Row } from "../bench.ts";
import { longSession } from "../corpora.ts";
import { randomOf } from "../generate/random.ts";
import { findingOf } from "../measure/finding.ts";
import { interleave, timed, type Trial } from "../measure/interleave.ts";
import type { HttpClient } from "../programs/http-client.ts";

const GATE = { timesBaseline: 1 / 100 };

/** One page from anywhere in a long transcript, as an AI reads it. */
export const transcriptPage: Row = {
  name: "transcript-page",
  title: "One page of a long transcript",
  baseline: "reading the archive and gunzip of all of it, in one process",
  async run(bench) {
    const corpus = await bench.corpus("large");
    const { ai } = await bench.server("large");
    const session = await longSession(corpus);
    const ours = {
      "a page of the conversation": pageTrial(ai, session, "conversation"),
      "a page as it was written": pageTrial(ai, session, "raw"),
    };
    const baseline = () => timed(async () => gunzipSync(await readFile(session.archive)));
    const comparisons = await interleave(ours, baseline, { rounds: bench.sizes.rounds.fast, warmUp: 3 });
    return comparisons.map((comparison) => findingOf(comparison, "ms", GATE));
  },
};

/** The time of a page that begins at a line which nobody asked for before. */
function pageTrial(
  client: HttpClient,
  { workspaceId, sessionId, lines }: { workspaceId: string; sessionId: string; lines: number },
  view: "conversation" | "raw",
): Trial {
  const random = randomOf(lines);
  return async () => {
    const from = 1 + random.integer(lines - 1);
    const path = `/api/v1/workspaces/${workspaceId}/sessions/${sessionId}/lines?view=${view}&from_line=${from}`;
    const started = performance.now();
    const { body } = await client.send({ path });
    const ms = performance.now() - started;
    const page = SessionLines.parse(JSON.parse(body.toString("utf8")));
    if (page.text === "") throw new Error(`line ${from} of the long transcript: an empty page`);
    return ms;
  };
}
