import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Row } from "../bench.ts";
import { KNOWLEDGE_NEEDLES, SESSION_NEEDLES } from "../generate/needles.ts";
import { findingOf } from "../measure/finding.ts";
import { interleave, type Trial } from "../measure/interleave.ts";
import { HttpClient } from "../programs/http-client.ts";
import { bearer, type MemoryServer } from "../programs/memory-server.ts";
import { searchPath } from "../programs/search-trial.ts";

const GATE = { timesBaseline: 3 };
/** What each of the two clients asks, again and again. */
const SEARCHES = [
  searchPath({ kind: "knowledge", mode: "ranked", query: KNOWLEDGE_NEEDLES.frequent.query }),
  searchPath({ kind: "sessions", mode: "ranked", query: SESSION_NEEDLES.frequent.query }),
];
const BUSY = join(import.meta.dirname, "../programs/busy-program.ts");

/** How late the server's main thread gets to what waits for it, while others search. */
export const eventLoop: Row = {
  name: "event-loop",
  title: "Delay of the event loop (p99 of a timer of 1 ms) under two clients searching a frequent word",
  baseline: "the same server when idle",
  remark:
    "On two processors the two threads that search, the main thread and the clients take turns, and the scheduler of Linux (a tick of 4 ms, 250 Hz) lets whoever runs finish its turn. The main thread's own work is shorter. Lower priorities for the threads that search, and for V8's own, took away most of what it lost to threads of its own; a third of its own work was to pass on one by one what threads sent together. What is left it waits for those and the clients when it is woken.",
  async run(bench) {
    const server = await bench.server("large");
    const { watchMs, rounds } = bench.sizes;
    const searching = delayTrial(server, () => searchFor(server, watchMs));
    // What the machine does to any timer when its processors are taken.
    const crowded = delayTrial(server, () => whileBusy(watchMs));
    const idle = delayTrial(server, () => sleep(watchMs));
    const turns = { rounds: rounds.large, warmUp: 1 };
    const comparisons = await interleave(
      { searching, "idle beside two busy processes": crowded },
      idle,
      turns,
    );
    return comparisons.map((comparison, index) =>
      findingOf(comparison, "ms", index === 0 ? GATE : undefined),
    );
  },
};

function delayTrial({ program }: MemoryServer, meanwhile: () => Promise<unknown>): Trial {
  return async () => {
    await program.watchLoop();
    await meanwhile();
    return (await program.loopDelay()).p99Ms;
  };
}

async function searchFor(server: MemoryServer, forMs: number): Promise<void> {
  const until = performance.now() + forMs;
  await Promise.all(
    SEARCHES.map(async (path) => {
      // A token may ask only so often in a minute.
      using client = new HttpClient(server.url, bearer(await server.newAiToken("bench")));
      while (performance.now() < until) await client.send({ path });
    }),
  );
}

async function whileBusy(forMs: number): Promise<void> {
  await Promise.all(
    SEARCHES.map(() => once(spawn(process.execPath, [BUSY, String(forMs)], { stdio: "ignore" }), "exit")),
  );
}
