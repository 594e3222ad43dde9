import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { HttpClient } from "./http-client.ts";
import { bearer, type MemoryServer } from "./memory-server.ts";
import { searchPath } from "./search-trial.ts";

/** The hostile expressions that a test has judged one by one. */
const FILE = join(import.meta.dirname, "../../tests/fixtures/corpora/regex-bombs.txt");
/** Those of this kind make an engine that goes back and forth work for ever, and are short. */
const KIND = "catastrophic backtracking";
/** Bombs that are under way at once, in knowledge and in sessions. */
const TOGETHER = 4;
const REFUSED = /: 400 /;

const Bomb = z.object({ pattern: z.string(), why: z.string() });

/** Sends hostile expressions over everything, some at once, again and again, until the time is over. */
export async function throwBombs(server: MemoryServer, forMs: number): Promise<void> {
  const until = performance.now() + forMs;
  const paths = pathsOfBombs();
  await Promise.all(
    Array.from({ length: TOGETHER }, async (_, first) => {
      // A token may ask only so often in a minute.
      using client = new HttpClient(server.url, bearer(await server.newAiToken("bench")));
      for (let index = first; performance.now() < until; index += TOGETHER)
        await thrown(client, paths[index % paths.length] ?? "");
    }),
  );
}

function pathsOfBombs(): string[] {
  const lines = readFileSync(FILE, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  return lines
    .map((line) => Bomb.parse(JSON.parse(line)))
    .filter(({ why }) => why.startsWith(KIND))
    .flatMap(({ pattern: query }) =>
      (["knowledge", "sessions"] as const).map((kind) => searchPath({ kind, mode: "regex", query })),
    );
}

/** Some are refused, because ripgrep does not look back: that is an answer too. */
async function thrown(client: HttpClient, path: string): Promise<void> {
  try {
    await client.send({ path });
  } catch (error) {
    if (!(error instanceof Error && REFUSED.test(error.message))) throw error;
  }
}
