import type { Bench, Row } from "../bench.ts";
import { longSession, type LongSession } from "../corpora.ts";
import { holders, KNOWLEDGE_NEEDLES, SESSION_NEEDLES } from "../generate/needles.ts";
import type { Finding } from "../measure/finding.ts";
import { NoiseMeter, type Noise } from "../measure/noise.ts";
import { summaryOf } from "../measure/statistics.ts";
import { MemoryServer } from "../programs/memory-server.ts";
import { searchPath, searchTrial } from "../programs/search-trial.ts";

const MEMORY = { atMost: 300_000_000 };
const START = { atMost: 1000 };
/** Times that everything is asked. */
const ROUNDS = 4;

/** What one server, from its start to its end, turned out to need. */
interface ServerRun {
  startMs: number;
  flaws: string[];
  /** Of its memory. */
  restingBytes: number;
  highestBytes: number;
}

/** What the server needs when it holds much, and how soon it answers. */
export const serverMemory: Row = {
  name: "server-memory",
  title: "Memory of the server (RSS), and start to first answer",
  baseline: "a fixed bound",
  remark:
    "Node's program takes 60 MB, four heaps of V8 most of the rest. The main thread's has 55 MB in use at 10,000 archives; what it may hold of new things besides is bounded, which saved a quarter. Smaller caches, rows read one by one and raw bytes given back at once saved another. A start reads every knowledge folder, for what a crash left, before it answers.",
  async run(bench) {
    // Its index is made whole first: a start is measured as it is on any day but the first.
    await bench.server("large");
    await bench.quiet();
    const session = await longSession(await bench.corpus("large"));
    const meter = new NoiseMeter();
    const runs: ServerRun[] = [];
    for (let round = 0; round < bench.sizes.rounds.large; round += 1) {
      meter.sample();
      runs.push(await runOnce(bench, session));
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
  const resting = finding("memory after load", (run) => run.restingBytes);
  const highest = finding("most memory seen under load", (run) => run.highestBytes);
  const start = finding("start to first answer of a search", (run) => run.startMs);
  const flaws = [...new Set(runs.flatMap((run) => run.flaws))];
  return [
    { ...resting, unit: "bytes", gate: MEMORY, flaws: [] },
    { ...highest, unit: "bytes", flaws: [] },
    { ...start, unit: "ms", gate: START, flaws },
  ];
}

async function runOnce(bench: Bench, session: LongSession): Promise<ServerRun> {
  const { root, plan } = await bench.corpus("large");
  const started = performance.now();
  await using server = await MemoryServer.start(root);
  const { query } = KNOWLEDGE_NEEDLES.rare;
  const held = holders(KNOWLEDGE_NEEDLES.rare, plan.knowledgeFiles);
  const first = await searchTrial(server.ai, { kind: "knowledge", mode: "literal", query, holders: held })();
  const startMs = performance.now() - started;
  const highestBytes = await load(server, session);
  const { rssBytes } = await server.program.usage();
  const flaws = typeof first === "number" ? [] : [first.flaw];
  await server.stop();
  return { startMs, flaws, restingBytes: rssBytes, highestBytes };
}

/** Asks for everything there is, again and again; gives the most memory that was seen meanwhile. */
async function load(
  { ai, program }: MemoryServer,
  { workspaceId, sessionId, lines }: LongSession,
): Promise<number> {
  const session = `/api/v1/workspaces/${workspaceId}/sessions/${sessionId}`;
  let highest = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const from = Math.floor((lines * round) / (ROUNDS + 1));
    for (const path of [
      ...searchPaths(),
      `${session}/lines?from_line=${from}`,
      "/api/v1/workspaces",
      "/api/v1/sessions",
    ]) {
      await ai.send({ path });
      highest = Math.max(highest, (await program.usage()).rssBytes);
    }
  }
  return highest;
}

function searchPaths(): string[] {
  const asked = [
    ...Object.values(KNOWLEDGE_NEEDLES).map(({ query }) => ({ kind: "knowledge", query }) as const),
    ...Object.values(SESSION_NEEDLES).map(({ query }) => ({ kind: "sessions", query }) as const),
  ];
  return asked.flatMap((one) => [
    searchPath({ ...one, mode: "literal" }),
    searchPath({ ...one, mode: "ranked" }),
  ]);
}
