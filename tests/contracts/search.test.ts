import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { KnowledgeQuery, SessionQuery } from "../../contract/search.ts";
import { SearchEngine } from "../../server/search/engine.ts";
import { childProcesses } from "../support/child-processes.ts";
import { random } from "../support/random.ts";
import { SearchMemory } from "../support/search-memory.ts";
import { searchSuite } from "./search-suite.ts";

const WORKSPACE = "laptop-claude-webshop";
/** On a busy machine the workers take a while to give the first text; then ripgrep is at it for seconds. */
const UNTIL_STARTED_MS = 20_000;

describe("without an index", () => {
  searchSuite(async ({ root, archives }, options) => new SearchEngine({ root, archives, ...options }));

  it.runIf(process.platform === "linux")(
    "leaves no process behind when the caller goes or the time is over",
    async () => {
      await using memory = await SearchMemory.make();
      // Without a pattern, so that an automaton that counts letters has no end of states.
      const chance = random(7);
      const hay = Array.from({ length: 1_000_000 }, () => (chance.next() < 0.5 ? "a" : "b")).join("");
      for (let file = 0; file < 8; file += 1) await memory.knowledge(WORKSPACE, `${file}.md`, hay);
      const query = KnowledgeQuery.parse({ query: "a[ab]{300}[c-d]", mode: "regex" });
      const where = [memory.workspace(WORKSPACE)];
      const patient = new SearchEngine({ root: memory.root, archives: memory.archives, timeMs: 60_000 });
      const hasty = new SearchEngine({ root: memory.root, archives: memory.archives, timeMs: 50 });
      const caller = new AbortController();

      const left = patient.knowledge(query, where, caller.signal);
      await expect.poll(() => childProcesses(), { timeout: UNTIL_STARTED_MS }).not.toEqual([]);
      caller.abort(new Error("gone"));
      await expect(left).rejects.toThrow("gone");
      expect(childProcesses()).toEqual([]);

      expect(await hasty.knowledge(query, where)).toMatchObject({ hits: [], partial: true });
      expect(childProcesses()).toEqual([]);
      await Promise.all([patient.close(), hasty.close()]);
    },
  );

  it("refuses what is beyond the searches at once and the queue, and serves again afterwards", async () => {
    await using memory = await SearchMemory.make();
    await memory.session(WORKSPACE, "s", "2026-10-01T00:00:00Z", [{ role: "user", text: "word" }]);
    const { promise: gate, resolve: openGate } = Promise.withResolvers<void>();
    const search = new SearchEngine({
      root: memory.root,
      timeMs: 60_000,
      archives: async (id) => {
        await gate;
        return memory.archives(id);
      },
    });
    const query = SessionQuery.parse({ query: "word", mode: "literal" });
    const ask = () => search.sessions(query, [memory.workspace(WORKSPACE)]);
    const { searches, searchQueue } = LIMITS.concurrency;

    const admitted = Array.from({ length: searches + searchQueue }, ask);
    await expect(ask()).rejects.toMatchObject({ code: "unavailable" });
    openGate();

    for (const { hits } of await Promise.all(admitted)) expect(hits).toHaveLength(1);
    expect((await ask()).hits).toHaveLength(1);
    await search.close();
  });
});
