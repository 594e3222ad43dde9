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
    "Node's program takes 60 MB. The rest is the heaps of V8, of which the main thread's needs 48 MB at 10,000 archives and 30 at none, and what C code asked for (SQLite, zlib, buffers): some 65 MB less since the command gives glibc's allocator one heap and lets it give pieces of 16 KiB and more back at once (of 64 KiB and more: 12 to 20 MB stayed taken, in a heap of 60 in which 28 were in use). What had made it twice as much: the main thread's heap grew to 260 MB before V8 tidied it up, mostly by objects for each of 100,000 files where an expression has all of them listed. Threads that load no package saved 18 MB, and what is known of each archive in fewer objects 14. How much may gather until a heap is tidied up decides over 12 more: with less the main thread is late more often. A start reads every knowledge folder, for what a crash left, before it answers.",
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
