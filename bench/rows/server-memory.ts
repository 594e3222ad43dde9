import type { Bench, Row } from "../bench.ts";
import { longSession, type LongSession } from "../corpora.ts";
import { holders, KNOWLEDGE_NEEDLES, SESSION_NEEDLES } from "../generate/needles.ts";
import type { Finding } from "../measure/finding.ts";
import { NoiseMeter } from "../measure/noise.ts";
import { summaryOf } from "../measure/statistics.ts";
import { MemoryServer } from "../programs/memory-server.ts";
import { searchPath, searchTrial } from "../programs/search-trial.ts";

const MEMORY = { atMost: 300_000_000 };
const START = { atMost: 1000 };
/** Times that everything is asked. */
const LAPS = 4;

/** What one server, from its start to its end, turned out to need. */
interface Life {
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
    "Node's program takes 60 MB, four heaps of V8 most of the rest. The main thread's has 60 MB in use at 10,000 archives, and its share for what is new grows to 50 MB and more while all knowledge files are counted for a list of workspaces; Node lets nobody bound that but on its command line. Smaller caches, rows read one by one and raw bytes given back at once saved a quarter. A start reads every knowledge folder, for what a crash left, before it answers.",
  async run(bench) {
    // Its index is made whole first: a start is measured as it is on any day but the first.
    await bench.server("large");
    await bench.quiet();
    const session = await longSession(await bench.corpus("large"));
    const meter = new NoiseMeter();
    const lives: Life[] = [];
    for (let round = 0; round < bench.sizes.rounds.large; round += 1) {
      meter.sample();
      lives.push(await live(bench, session));
    }
    const { noise, flaws } = {
      noise: meter.read(),
      flaws: [...new Set(lives.flatMap((life) => life.flaws))],
    };
    const finding = (label: string, of: (life: Life) => number) => ({
      label,
      ours: summaryOf(lives.map(of)),
      noise,
    });
    return [
      {
        ...finding("memory after load", (life) => life.restingBytes),
        unit: "bytes",
        gate: MEMORY,
        flaws: [],
      },
      { ...finding("most memory seen under load", (life) => life.highestBytes), unit: "bytes", flaws: [] },
      {
        ...finding("start to first answer of a search", (life) => life.startMs),
        unit: "ms",
        gate: START,
        flaws,
      },
    ] satisfies Finding[];
  },
};

async function live(bench: Bench, session: LongSession): Promise<Life> {
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
  for (let lap = 1; lap <= LAPS; lap += 1) {
    const from = Math.floor((lines * lap) / (LAPS + 1));
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
