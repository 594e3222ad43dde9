import { readdirSync } from "node:fs";
import { workspaceIdOf } from "../../contract/names.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { Bench, Row } from "../bench.ts";
import { foldersOf } from "../corpora.ts";
import { KNOWLEDGE_NEEDLES } from "../generate/needles.ts";
import { WORKSPACES } from "../generate/workspaces.ts";
import type { Finding } from "../measure/finding.ts";
import { timed } from "../measure/interleave.ts";
import { NoiseMeter } from "../measure/noise.ts";
import { quantile, summaryOf } from "../measure/statistics.ts";
import { HttpClient } from "../programs/http-client.ts";
import { bearer, type MemoryServer } from "../programs/memory-server.ts";
import { throwBombs } from "../programs/regex-bombs.ts";
import { searchPath } from "../programs/search-trial.ts";

/** What is said of the times of one request: half of them, and all but one in a hundred, are at most that. */
const SHARES = [
  { name: "p50", share: 0.5, isGated: false },
  { name: "p99", share: 0.99, isGated: true },
] as const;

/** What somebody asks who has nothing to do with the bombs. */
interface Request {
  label: string;
  /** Nobody minds a request of which all but one in a hundred take at most that; a search may take no longer by itself. */
  mostMs: number;
  path: string;
}

/** The times of each request, in their order, alone and beside the bombs. */
type Times = Record<"alone" | "beside", Map<string, number[]>>;

/** How long others wait while hostile regular expressions are searched for. */
export const neighbours: Row = {
  name: "neighbours",
  title: "Reads and searches of others, beside four hostile regular expressions at a time",
  baseline: "the same without the expressions",
  remark:
    "Four searches run at a time, and a hostile one may take its whole two seconds: a search that comes while four of them run waits for the first to end, whoever asked them. Reading waits for no search, but for the main thread and a processor. By a profile, the main thread spent a third of its work on listing all files for the expressions, which are lists now instead of objects; a tenth on starting ripgrep, which takes 4 ms at 250 MB of memory of the server and 18 ms at 650 MB, because the kernel copies its page tables meanwhile; and it tidied up its heap. One ripgrep for all the text of a search instead of one for each piece was not tried.",
  async run(bench) {
    const server = await bench.server("large");
    const requests = await requestsOf(bench);
    const meter = new NoiseMeter();
    const rounds: Times[] = [];
    await roundOf(server, requests, bench.sizes.watchMs);
    for (let round = 0; round < bench.sizes.rounds.large; round += 1) {
      meter.sample();
      rounds.push(await roundOf(server, requests, bench.sizes.watchMs));
    }
    const noise = meter.read();
    return requests.flatMap((request) => findingsOf(request, rounds).map((each) => ({ ...each, noise })));
  },
};

function findingsOf({ label, mostMs }: Request, rounds: readonly Times[]): Finding[] {
  return SHARES.map(({ name, share, isGated }) => {
    const times = (side: keyof Times) =>
      summaryOf(rounds.map((round) => quantile((round[side].get(label) ?? []).toSorted(ascending), share)));
    return {
      label: `${label}, ${name}`,
      unit: "ms",
      ours: times("beside"),
      baseline: times("alone"),
      gate: isGated ? { atMost: mostMs } : undefined,
      flaws: [],
    };
  });
}

async function roundOf(server: MemoryServer, requests: readonly Request[], forMs: number): Promise<Times> {
  const alone = await timesOf(server, requests, forMs);
  const [beside] = await Promise.all([timesOf(server, requests, forMs), throwBombs(server, forMs)]);
  return { alone, beside };
}

/** Asks one after the other, again and again, until the time is over. */
async function timesOf(
  server: MemoryServer,
  requests: readonly Request[],
  forMs: number,
): Promise<Map<string, number[]>> {
  const until = performance.now() + forMs;
  using client = new HttpClient(server.url, bearer(await server.newAiToken("bench")));
  const times = new Map(requests.map(({ label }) => [label, emptyList()]));
  do for (const { label, path } of requests) times.get(label)?.push(await timed(() => client.send({ path })));
  while (performance.now() < until);
  return times;
}

async function requestsOf(bench: Bench): Promise<Request[]> {
  const [one] = WORKSPACES;
  const id = one === undefined ? "" : workspaceIdOf(one);
  const [folder = ""] = foldersOf(await bench.corpus("large"), "knowledge");
  const file = readdirSync(folder, { recursive: true, encoding: "utf8" }).find((each) =>
    each.endsWith(".md"),
  );
  const search = { kind: "knowledge", mode: "ranked", query: KNOWLEDGE_NEEDLES.phrase.query } as const;
  return [
    { label: "reading a file", mostMs: 100, path: `/api/v1/workspaces/${id}/knowledge/${file}` },
    {
      label: "a search in one workspace",
      mostMs: LIMITS.search.timeMs,
      path: searchPath({ ...search, filter: { workspace_id: id } }),
    },
  ];
}

function ascending(a: number, b: number): number {
  return a - b;
}

function emptyList(): number[] {
  return [];
}
