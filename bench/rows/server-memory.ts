import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, Row } from "../bench.ts";
import { longSession } from "../corpora.ts";
import { holders, KNOWLEDGE_NEEDLES } from "../generate/needles.ts";
import { generatedSession } from "../generate/transcript.ts";
import { Writers } from "../generate/writer.ts";
import type { Finding } from "../measure/finding.ts";
import { NoiseMeter, type Noise } from "../measure/noise.ts";
import { summaryOf } from "../measure/statistics.ts";
import type { MeasuredProgram } from "../programs/measured-program.ts";
import { MemoryServer } from "../programs/memory-server.ts";
import { mixedLoad, removeLoad, type Load } from "../programs/mixed-load.ts";
import { searchTrial } from "../programs/search-trial.ts";

const MEMORY = { atMost: 300_000_000 };
const START = { atMost: 1000 };
/** No corpus has this session. */
const UPLOADED = 1_000_200;
/** Between two looks at the memory. */
const LOOK_MS = 20;
/** How long after the last answer it is looked at: what was uploaded is indexed in this time. */
const AFTER_MS = 3000;

/** What one server, from its start to its end, turned out to need. */
interface ServerRun {
  startMs: number;
  flaws: string[];
  /** The most memory that was seen after the load, and under it. */
  afterBytes: number;
  underBytes: number;
}

/** What the server needs when it holds much, and how soon it answers. */
export const serverMemory: Row = {
  name: "server-memory",
  title: "Memory of the server (RSS), and start to first answer",
  baseline: "a fixed bound",
  remark:
    "Node's program takes 60 MB, four heaps of V8 most of the rest. The main thread's has 55 MB in use at 10,000 archives; what it may hold of new things besides is bounded, which saved about a fifth. Smaller caches, rows read one by one and raw bytes given back at once saved more. Regular expressions cost most: with 200 archives and 5,000 files the load without them, an upload and an append of 10 MB among it, ended at 289 MB, with those that the index helps at 329 MB, with one that makes the searching threads inflate every archive at 360 to 400 MB. A start reads every knowledge folder, for what a crash left, before it answers.",
  async run(bench) {
    // Its index is made whole first: a start is measured as it is on any day but the first.
    await bench.server("large");
    await bench.quiet();
    const session = await longSession(await bench.corpus("large"));
    const { raw } = generatedSession(UPLOADED, new Writers(), bench.sizes.growingBytes);
    const meter = new NoiseMeter();
    const runs: ServerRun[] = [];
    for (let round = 0; round < bench.sizes.rounds.large; round += 1) {
      meter.sample();
      runs.push(await runOnce(bench, { session, raw }));
    }
    return findingsOf(runs, meter.read());
  },
};

function findingsOf(runs: readonly ServerRun[], noise: Noise): Finding[] {
  const finding = (label: string, of: (run: ServerRun) => number) => ({
    label,
    ours: summaryOf(runs.map(of)),
    noise,
  });
  const after = finding("most memory within 3 s after load", (run) => run.afterBytes);
  const under = finding("most memory under load", (run) => run.underBytes);
  const start = finding("start to first answer of a search", (run) => run.startMs);
  const flaws = [...new Set(runs.flatMap((run) => run.flaws))];
  return [
    { ...after, unit: "bytes", gate: MEMORY, flaws: [] },
    { ...under, unit: "bytes", flaws: [] },
    { ...start, unit: "ms", gate: START, flaws },
  ];
}

async function runOnce(bench: Bench, load: Load): Promise<ServerRun> {
  const { root, plan } = await bench.corpus("large");
  await removeLoad(root);
  const started = performance.now();
  await using server = await MemoryServer.start(root);
  const { query } = KNOWLEDGE_NEEDLES.rare;
  const held = holders(KNOWLEDGE_NEEDLES.rare, plan.knowledgeFiles);
  const first = await searchTrial(server.ai, { kind: "knowledge", mode: "literal", query, holders: held })();
  const startMs = performance.now() - started;
  const underBytes = await mostDuring(server.program, mixedLoad(server, load));
  const afterBytes = await mostDuring(server.program, sleep(AFTER_MS));
  const flaws = typeof first === "number" ? [] : [first.flaw];
  await server.stop();
  await removeLoad(root);
  return { startMs, flaws, afterBytes, underBytes };
}

/** Does the work, and gives the most memory that was seen meanwhile. */
async function mostDuring(program: MeasuredProgram, work: Promise<unknown>): Promise<number> {
  const state = { isDone: false };
  const done = work.finally(() => (state.isDone = true));
  const [most] = await Promise.all([mostUntilDone(program, state), done]);
  return most;
}

async function mostUntilDone(program: MeasuredProgram, state: { isDone: boolean }): Promise<number> {
  let most = 0;
  while (!state.isDone) {
    most = Math.max(most, (await program.usage()).rssBytes);
    await sleep(LOOK_MS);
  }
  return most;
}
