import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { mapBounded } from "../../disk/bounded.ts";
import { History } from "../support/index-history.ts";
import { indexSettled } from "../support/index-status.ts";
import { random } from "../support/random.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { tempFolder } from "../support/temp-folder.ts";

const BATCHES = 10;
const HISTORIES = 50;
const STEPS = 12;
/** Histories that take a step at once. */
const TOGETHER = 8;
/** And searches. */
const SEARCHES = 4;
const TRIES = 5;
const MINUTES = 60_000;
/** What is changed by hand is noticed within this time. */
const NOTICED_MS = 2000;
const RATE = { requestsPerMinute: 1_000_000 };

const seed = Number(process.env["HISTORY_SEED"] ?? Date.now() % 1_000_000);

const start = (root: string): Promise<TestServer> => startServer({ root, rate: RATE });

/** Plays histories side by side on one server, with a restart in the middle, during which files are changed by hand too. */
async function play(root: string, batchSeed: number): Promise<History[]> {
  const chance = random(batchSeed);
  const histories = Array.from(
    { length: HISTORIES },
    (_, n) => new History(`h${n}`, random(batchSeed * 1000 + n)),
  );
  const half = async (server: TestServer) => {
    for (let step = 0; step < STEPS / 2; step += 1)
      await mapBounded(histories, TOGETHER, (history) => history.step(server));
  };
  {
    await using server = await start(root);
    for (const history of histories) await history.begin(server);
    await half(server);
    // Whether the index had the time to come to rest before the stop is left to chance.
    if (chance.next() < 0.5) await indexSettled(root);
  }
  for (const history of histories) if (chance.next() < 0.3) await history.stepByHand(root);
  await using server = await start(root);
  await half(server);
  await sleep(NOTICED_MS);
  await indexSettled(root);
  return histories;
}

interface Answered {
  question: string;
  answer: string;
}

function answersOf(server: TestServer, questions: readonly string[]): Promise<Answered[]> {
  return mapBounded(questions, SEARCHES, async (question) => {
    for (let tries = 1; ; tries += 1) {
      const response = await server.api(question);
      const answer = `${response.status} ${await response.text()}`;
      // What the time did not suffice for says nothing of the index: a busy machine is asked again.
      if (tries === TRIES || !answer.includes("The time was over")) return { question, answer };
    }
  });
}

async function settledAnswers(root: string, questions: readonly string[]): Promise<Answered[]> {
  await using server = await start(root);
  await indexSettled(root);
  return await answersOf(server, questions);
}

/** The answers of the index that grew with the files, and how they differ once it has been deleted and built anew. */
async function compare(
  root: string,
  histories: readonly History[],
): Promise<{ answers: Answered[]; differences: string[] }> {
  const questions = histories.flatMap((history) => history.questions());
  const answers = await settledAnswers(root, questions);
  await rm(join(root, "_meta/index"), { recursive: true });
  const after = await settledAnswers(root, questions);
  const differences = answers.flatMap(({ question, answer }, index) =>
    after[index]?.answer === answer
      ? []
      : [`${question}\n  before: ${answer}\n  after:  ${after[index]?.answer}`],
  );
  return { answers, differences };
}

describe(`the index is derived: deleted and built anew, it gives equal answers (HISTORY_SEED=${seed})`, () => {
  it("convicts an index that forgot a document", { timeout: 5 * MINUTES }, async () => {
    await using folder = await tempFolder();
    const histories = await play(folder.path, seed);
    const database = new DatabaseSync(join(folder.path, "_meta/index/knowledge.sqlite"));
    database.exec("delete from words where rowid % 2 = 0; delete from grams where rowid % 2 = 0");
    database.close();

    const { differences } = await compare(folder.path, histories);

    expect(differences).not.toEqual([]);
  });

  it(
    `${BATCHES * HISTORIES} histories of writes, appends, deletes, hand edits and restarts`,
    { timeout: 15 * MINUTES },
    async () => {
      const found: string[] = [];
      let hits = 0;

      for (let batch = 1; batch <= BATCHES; batch += 1) {
        await using folder = await tempFolder();
        const histories = await play(folder.path, seed + batch);
        const { answers, differences } = await compare(folder.path, histories);
        found.push(...differences);
        hits += answers.filter(({ answer }) => answer.includes('"anchor"')).length;
      }

      expect(found.slice(0, 5)).toEqual([]);
      expect(hits).toBeGreaterThan(BATCHES * HISTORIES);
    },
  );
});
