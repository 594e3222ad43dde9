import { describe, expect, it } from "vitest";
import type { TurnRole } from "../../contract/search.ts";
import { LIMITS } from "../../contract/limits.ts";
import { Ranking } from "../../server/search/ranking/ranked.ts";
import { Summarizer } from "../../server/search/ranking/summarizer.ts";
import { WEIGHTS } from "../../server/search/words/weights.ts";
import { wordsOf } from "../../server/search/words/words.ts";

type Said = readonly [role: TurnRole, text: string];

/** What a session of these turns, one per line, comes to. */
function summaryOf(query: string, said: readonly Said[]) {
  const summarizer = new Summarizer(wordsOf(query));
  for (const [index, [role, text]] of said.entries())
    summarizer.add({ line: index + 1, role, text, weight: WEIGHTS.role[role] }, () => ({}));
  return summarizer.summary();
}

/** The sessions by their numbers, best first. */
function orderOf(query: string, sessions: readonly (readonly Said[])[]): number[] {
  const ranking = new Ranking<{ timeMs: number; key: string }>(wordsOf(query).length, { wholeShare: 0.3 });
  for (const [index, said] of sessions.entries()) {
    const summary = summaryOf(query, said);
    // The later ones are older, so that equal scores would leave the order as it is.
    if (summary !== undefined)
      ranking.add({ document: { timeMs: -index, key: `${index}` }, title: undefined, summary });
  }
  return ranking.best().map(({ document }) => Number(document.key));
}

const filler = "and so on with other things that nobody asked about ".repeat(40);

describe("a session comes before another", () => {
  it.each<[string, string, Said[], Said[]]>([
    ["with more of the words", "flaky login test", [["user", "the login"]], [["user", "a flaky login test"]]],
    ["when a user said it", "flaky login", [["tool_result", "flaky login"]], [["user", "flaky login"]]],
    [
      "with the words near each other",
      "cookie domain",
      [["user", "a domain for what is no cookie"]],
      [["user", "for what is no thing a cookie domain"]],
    ],
    ["with the word as it was typed", "caching", [["user", "it caches"]], [["user", "its caching"]]],
    [
      "that is short about it",
      "deadlock",
      [["user", `deadlock ${filler}`]],
      [["user", "deadlock and so on"]],
    ],
    [
      "with more of the same word",
      "retry",
      [["user", "retry what failed once"]],
      [["user", "retry what did not retry"]],
    ],
    [
      "with a name as a whole",
      "idleTimeout",
      [["user", "idle for a timeout"]],
      [["user", "the idleTimeout is short"]],
    ],
    [
      "with a file name as it was typed",
      "refund.ts",
      [["user", "look at refund-cookie.ts now"]],
      [["user", "look at the refund.ts of orders now"]],
    ],
    [
      "with an address as it was typed",
      "/api/orders/export",
      [["user", "the api of orders with an export fails"]],
      [["user", "a request to POST /api/orders/export fails"]],
    ],
    [
      "with an answer about it",
      "export memory",
      [
        ["user", "the export dies"],
        ["assistant", "let me look"],
      ],
      [
        ["user", "the export dies"],
        ["tool_call", "cat x"],
        ["assistant", "it holds all in memory"],
      ],
    ],
  ])("%s", (_, query, worse, better) => {
    expect(orderOf(query, [worse, better])).toEqual([1, 0]);
  });
});

it("does not come before another only because it hardly says a thing", () => {
  const sentence = "the memory of the mailer grows by the hour until it is killed";

  const order = orderOf("memory", [[["user", sentence]], [["user", "memory?"]]]);

  // Equal scores: the newer one first.
  expect(order).toEqual([0, 1]);
});

describe("the lines of a session", () => {
  it("are named best first, of every exchange one before the others", () => {
    const lines = summaryOf("pool timeout", [
      ["user", "why does the pool run into a timeout?"],
      ["assistant", "the pool timeout comes from a leak"],
      ["user", "thanks, unrelated"],
      ["tool_result", "pool"],
      ["user", "and the timeout of the pool in staging?"],
      ["assistant", "same pool, other timeout"],
    ])?.lines;

    expect(lines?.slice(0, 3).toSorted()).toEqual([expect.toBeOneOf([1, 2]), 4, expect.toBeOneOf([5, 6])]);
    expect(lines?.indexOf(4)).toBe(2);
    expect(lines).toHaveLength(5);
  });

  it("are few, however many there are", () => {
    const said = Array.from({ length: 5000 }, (_, index): Said => [
      "user",
      `word ${index === 4321 ? "rare" : ""}`,
    ]);

    const summary = summaryOf("rare word", said);

    expect(summary?.lines).toHaveLength(LIMITS.search.lines);
    expect(summary?.lines[0]).toBe(4322);
    expect(summary).toMatchObject({ passages: 5000, holding: [1, 5000] });
  });

  it("show the place where most of the words are", () => {
    const summary = summaryOf("deploy staging secret", [
      ["tool_result", `deploy ${filler} the secret of staging is ${filler}`],
    ]);

    expect(summary?.candidates.map(({ snippet }) => snippet)).toEqual([
      expect.stringContaining("the secret of staging"),
    ]);
  });
});
