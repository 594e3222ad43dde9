import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { KnowledgeAnswer } from "../../contract/search.ts";
import type { Row } from "../bench.ts";
import { foldersOf } from "../corpora.ts";
import { NoiseMeter } from "../measure/noise.ts";
import { summaryOf } from "../measure/statistics.ts";
import type { HttpClient } from "../programs/http-client.ts";
import { searchPath } from "../programs/search-trial.ts";

const GATE = { atMost: 2000 };
const POLL_MS = 10;
const PATIENCE_MS = 60_000;
const FILE = "edited-by-hand.md";

/** How soon a search finds what somebody wrote into a file with an editor, past the server. */
export const handEdit: Row = {
  name: "hand-edit",
  title: "A file edited by hand is found",
  baseline: "a fixed bound",
  remark:
    "Each folder has a watch, and what it says is looked at when it comes; a folder beyond what the system lets one process watch is seen by a walk every half minute.",
  async run(bench) {
    const { ai } = await bench.server("large");
    const [folder = ""] = foldersOf(await bench.corpus("large"), "knowledge");
    const file = join(folder, FILE);
    const meter = new NoiseMeter();
    const found: number[] = [];
    try {
      for (let edit = 0; edit < bench.sizes.rounds.fast; edit += 1) {
        meter.sample();
        found.push(await foundAfter(ai, file, `byhand${edit}x`));
      }
    } finally {
      await rm(file, { force: true });
    }
    const [ours, noise] = [summaryOf(found), meter.read()];
    return [{ label: "edit to answer", unit: "ms", ours, gate: GATE, noise, flaws: [] }];
  },
};

/** Milliseconds from the end of the writing to the end of the first answer that knows of it. Throws when none does. */
async function foundAfter(client: HttpClient, file: string, word: string): Promise<number> {
  await writeFile(file, `# Notes\n\n${word}\n`);
  const written = performance.now();
  const path = searchPath({ kind: "knowledge", mode: "literal", query: word });
  while (performance.now() - written < PATIENCE_MS) {
    const { hits } = KnowledgeAnswer.parse(await client.json(path));
    if (hits.length > 0) return performance.now() - written;
    await sleep(POLL_MS);
  }
  throw new Error(`${word} was not found within ${PATIENCE_MS} ms`);
}
