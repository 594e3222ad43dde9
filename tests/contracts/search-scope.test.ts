import { expect, it } from "vitest";
import { KnowledgeQuery, SessionQuery } from "../../contract/search.ts";
import { SearchEngine } from "../../server/search/engine.ts";
import type { Search } from "../../server/search/search.ts";
import { BuiltIndex } from "../support/built-index.ts";
import { SearchMemory } from "../support/search-memory.ts";

const MINE = "laptop-claude-mine";
const SECRET = "desktop-codex-secret";
const MANY = 70;
const PATIENT_MS = 60_000;

/** As many files for one word as for another, more than a ranked answer reads; some that nearly hold a text; sessions. */
async function fillMine(memory: SearchMemory): Promise<void> {
  for (let each = 0; each < MANY; each += 1) {
    await memory.knowledge(MINE, `f${each}.md`, "# t\n\nfalcon note\n");
    await memory.knowledge(MINE, `k${each}.md`, "# t\n\nkestrel note\n");
    await memory.knowledge(MINE, `long-${each}.md`, `# Heron\n\n${"heron filler ".repeat(each)}\n`);
  }
  await memory.knowledge(MINE, "probe.md", "x ost ospre sprey rey y\n");
  for (let each = 0; each < MANY; each += 1)
    await memory.session(MINE, `s${each}`, "2026-10-01T10:00:00Z", [
      { role: "user", text: each % 2 === 0 ? "falcon note" : "kestrel note" },
      { role: "assistant", text: `x ost ospre sprey rey ${"heron ".repeat(each)}` },
    ]);
}

/** What a caller who sees only the other workspace must not notice. */
async function fillSecret(memory: SearchMemory): Promise<void> {
  for (let each = 0; each < 40; each += 1) {
    const text = `the falcon and the osprey met ${"heron ".repeat(each)}`;
    await memory.knowledge(SECRET, `falcon-${each}.md`, `${text}\n`);
    await memory.session(SECRET, `z${each}`, "2026-10-02T10:00:00Z", [{ role: "user", text }]);
  }
}

const QUESTIONS = [
  { query: "falcon kestrel", limit: 50 },
  { query: "heron falcon", limit: 100 },
  { query: "heron", limit: 100 },
  { query: '"falcon note" kestrel' },
  { query: "osprey" },
  { query: "note -kestrel" },
  { query: " osprey ", mode: "literal" },
  { query: "falcon", mode: "literal", limit: 100 },
  { query: "fal[ck]on note", mode: "regex" },
] as const;
/** Both kinds of each, but those for a word that stands in the other workspace alone. */
const FOUND = 2 * (QUESTIONS.length - 2);

/** All that the questions are answered, as text, without how long it took. */
async function answersOf(search: Search, memory: SearchMemory): Promise<string[]> {
  const workspaces = [memory.workspace(MINE)];
  const answers: string[] = [];
  for (const question of QUESTIONS) {
    const asked = { ...question, explain: true };
    const knowledge = await search.knowledge(KnowledgeQuery.parse(asked), workspaces);
    const sessions = await search.sessions(SessionQuery.parse(asked), workspaces);
    for (const answer of [knowledge, sessions])
      answers.push(JSON.stringify({ asked, answer }, (key, value: unknown) => (key === "ms" ? 0 : value)));
  }
  return answers;
}

async function answersBeside(others: (memory: SearchMemory) => Promise<void>): Promise<string[]> {
  await using memory = await SearchMemory.make();
  // What belongs to others is there first: then even its ids are smaller.
  await others(memory);
  await fillMine(memory);
  const { root, archives } = memory;
  const search = new SearchEngine({ root, archives, index: await BuiltIndex.of(memory), timeMs: PATIENT_MS });
  try {
    return await answersOf(search, memory);
  } finally {
    await search.close();
  }
}

it("answers the same to the byte, with scores and explanation, whatever workspaces out of scope hold", async () => {
  const alone = await answersBeside(async () => {});

  const beside = await answersBeside(fillSecret);

  expect(beside).toEqual(alone);
  expect(alone.filter((answer) => answer.includes('"hits":[{'))).toHaveLength(FOUND);
});
