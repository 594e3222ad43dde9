import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { HttpClient } from "../../bench/programs/http-client.ts";
import { searchPath } from "../../bench/programs/search-trial.ts";
import { shippedQuestions, SIZES } from "../../bench/quality/corpus.ts";
import { wholeAnswer } from "../../bench/quality/whole-answer.ts";
import { withProduct } from "../../bench/quality/run.ts";
import { KnowledgeAnswer, SessionAnswer, type KnowledgeHit, type SessionHit } from "../../contract/search.ts";

interface Asked {
  kind: "sessions" | "knowledge";
  query: string;
}

/** As people type them. `tests/golden/search-answers-review.md` says of each whether its answer is a good one. */
const ASKED: readonly Asked[] = [
  ...sessions(
    "why was the login e2e test flaky on CI",
    "how do we keep customers from paying twice?",
    "kSecAttrAccessibleWhenUnlockedThisDeviceOnly",
    "withTransaction",
    "TimeoutError: ResourceRequest timed out",
    "error[E0502]: cannot borrow `*self` as mutable",
    "413 Request Entity Too Large",
    "ECONNRESET",
    "refund.ts",
    "Invalid Date file:row.tsx",
    '"database is locked"',
    "idle in transaction",
    "Access-Control-Allow-Origin *",
    "git rev-list --objects --not --all",
    "out of memory -cuda",
    "deploy failed role:user",
    "timeout after:2026-08-01",
    "redis cache workspace:desktop-claude-code-shop-api",
    "goroutine leak project:fleet",
    "idempot",
    "phone",
    "docker build slow",
    "which node version are we on",
    "缓存雪崩",
    "手机号为什么会变成空?",
  ),
  ...knowledge(
    "how do I roll back a release",
    "where do leftover cents go",
    '"replication lag"',
    "error codes project:shop-api",
    "分页参数命名",
  ),
];

function sessions(...queries: string[]): Asked[] {
  return queries.map((query) => ({ kind: "sessions", query }));
}

function knowledge(...queries: string[]): Asked[] {
  return queries.map((query) => ({ kind: "knowledge", query }));
}

const SHOWN = 3;
const SNIPPET_CHARS = 120;

/** The first hits of an answer, one line each, and what it notes. */
async function answerOf(client: HttpClient, { kind, query }: Asked): Promise<string> {
  const path = searchPath({ kind, mode: "ranked", query, filter: { limit: String(SHOWN) } });
  const schema = z.union([SessionAnswer, KnowledgeAnswer]);
  const { hits, note } = await wholeAnswer(async () => schema.parse(await client.json(path)));
  const lines = hits.map((hit) => `- ${hitText(hit)}\n`);
  return `## ${kind}: ${query}\n\n${lines.join("")}${note === undefined ? "" : `- (${note})\n`}`;
}

function hitText(hit: SessionHit | KnowledgeHit): string {
  const beginning = hit.snippet.replaceAll(/\s+/g, " ").slice(0, SNIPPET_CHARS);
  const [name, role] = "path" in hit ? [hit.path, ""] : [hit.session_id.slice(0, 8), ` ${hit.role}`];
  return `${hit.workspace_id} ${name}:${hit.line} ${hit.time.slice(0, 10)}${role} | ${beginning}`;
}

/** What follows upon the query, which may be in backticks. */
function rest(review: string, query: string): string {
  const at = review.indexOf(query, review.indexOf("|---|"));
  return at === -1 ? "" : review.slice(at + query.length).replace(/^`/, "");
}

/** Golden answers: `npx vitest run tests/e2e/search-answers.test.ts --update`, then read what is different. */
describe("ranked search over the sessions and files of `bench/quality`", () => {
  it("answers queries as people type them with exactly these first hits", { timeout: 120_000 }, async () => {
    const answers = await withProduct(shippedQuestions(SIZES.whole), async ({ ai }) => {
      const texts: string[] = [];
      for (const asked of ASKED) texts.push(await answerOf(ai, asked));
      return texts;
    });

    expect(answers).toHaveLength(30);
    await expect(answers.join("\n")).toMatchFileSnapshot("../golden/search-answers.md");
  });

  it("has a verdict for each of them", async () => {
    const review = await readFile(join(import.meta.dirname, "../golden/search-answers-review.md"), "utf8");

    const judged = ASKED.filter(({ query }) => /^ \| (?:good|fair|bad) \| ./.test(rest(review, query)));

    expect(judged).toEqual(ASKED);
  });
});
