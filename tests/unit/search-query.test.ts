import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { KnowledgeQuery } from "../../contract/search.ts";
import { fold } from "../../server/index/text/fold.ts";
import { snippet } from "../../server/search/words/snippet.ts";
import { comparePlaces, documentKey } from "../../server/index/order.ts";
import {
  decodeOffset,
  decodePosition,
  encodeOffset,
  encodePosition,
} from "../../server/search/answer/cursors.ts";
import { understand } from "../../server/search/query/query.ts";
import { inWindow } from "../../server/search/query/filter.ts";
import { wordsOf } from "../../server/search/words/words.ts";

const typedOf = (query: string) => wordsOf(query).map(({ typed }) => typed);

describe("words of a ranked query", () => {
  it.each([
    ["How do we deploy the Webshop?", ["deploy", "webshop"]],
    ["deploy, Deploy; DEPLOY", ["deploy"]],
    ["what is it", ["what", "is", "it"]],
    ["write_token src/app.ts node.js", ["write", "token", "src", "app", "ts", "node", "js"]],
    ["C++ or c#, (F#)", ["c++", "c#", "f#"]],
    ["向量", ["向量"]],
    ["向量数据库", ["向量", "量数", "数据", "据库"]],
    ["用sqlite存储", ["用", "存储", "sqlite"]],
    ["テスト中", ["テス", "スト", "ト中"]],
    [".* ((", [".*", "(("]],
    ["naïve Straße", ["naïve", "straße"]],
  ])("%s", (query, words) => {
    expect(typedOf(query).sort()).toEqual(words.sort());
  });

  it("are never none and never too many", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 500 }), (query) => {
        fc.pre(query.trim() !== "");

        const words = wordsOf(query);

        expect(words.length).toBeGreaterThan(0);
        expect(words.length).toBeLessThanOrEqual(LIMITS.search.words);
        expect(words.every(({ text }) => text !== "")).toBe(true);
      }),
    );
  });

  it("are few also when they are signs", () => {
    const signs = Array.from({ length: 60 }, (_, index) => "(".repeat(index + 1)).join(" ");

    expect(wordsOf(signs)).toHaveLength(LIMITS.search.words);
  });

  it("look for terms, for what has no spaces in pairs, and for signs only when nothing else is there", () => {
    const kindsOf = (query: string) => wordsOf(query).map(({ text, kind }) => [text, kind]);

    expect(kindsOf("caches c++ 向量库 库 migrations")).toEqual([
      ["cach", "word"],
      ["c++", "word"],
      ["向量", "pair"],
      ["量库", "pair"],
      ["库", "beginning"],
      ["migrat", "word"],
    ]);
    expect(kindsOf("-> ||")).toEqual([
      ["->", "signs"],
      ["||", "signs"],
    ]);
  });

  it("count less when they are parts of a name or of the asking", () => {
    const weightOf = Object.fromEntries(
      wordsOf("did we discuss writeToken, 缓存的问题?").map(({ typed, weight }) => [typed, weight]),
    );

    expect(weightOf).toMatchObject({ writetoken: 1, 缓存: 1, 问题: 1 });
    for (const typed of ["discuss", "write", "token", "存的", "的问"])
      expect(weightOf[typed], typed).toBeLessThan(1);
  });

  it("leave out what is a secret", () => {
    const secret = "fmwt_Zq3J8c0dWmB5xLr7TnVh2yKs9PfA1GeU";

    expect(typedOf(`where is ${secret} used by deploy`)).toEqual(["used", "deploy"]);
    expect(wordsOf(secret)).toEqual([expect.objectContaining({ text: fold(secret), kind: "signs" })]);
  });
});

it.each([
  ["", "the query is empty: write what to look for"],
  [" \n", "the query is empty: write what to look for"],
  ["é".repeat(257), "the query is longer than 512 bytes: keep the words that tell most"],
])("a query that is none is refused once, with what to do", (query, message) => {
  const { error } = KnowledgeQuery.safeParse({ query });

  expect(error?.issues.map((issue) => issue.message)).toEqual([message]);
});

describe("patterns", () => {
  const patternOf = (query: Pick<KnowledgeQuery, "query" | "mode">) =>
    understand({ ...KnowledgeQuery.parse({ query: "x" }), ...query }, "knowledge").pattern;

  it.each([
    { mode: "ranked" as const, query: "a\0b" },
    { mode: "literal" as const, query: "\ud800" },
    { mode: "regex" as const, query: "a\nb" },
    { mode: "regex" as const, query: "(?R)" },
    { mode: "regex" as const, query: "x(?-u)\\xff" },
    { mode: "regex" as const, query: "(?i-u:x)" },
  ])("$mode $query is refused", (query) => {
    expect(() => patternOf(query)).toThrow(expect.objectContaining({ code: "invalid_input" }));
  });

  it.each(["(?i)x", "(?P<name>x)", "(?<name>x)", "\\(?R)", "(?s-m:x)", "(?x: a b )"])(
    "the expression %s is left to ripgrep as it is",
    (query) => {
      expect(patternOf({ mode: "regex", query })).toEqual({ mode: "regex", expression: query });
    },
  );

  it("compare without case", () => {
    expect(patternOf({ mode: "literal", query: "ÀB Σς" })).toEqual({ mode: "literal", needles: ["àb σσ"] });
  });

  it("take what is decomposed as it is, and composed", () => {
    expect(patternOf({ mode: "literal", query: "E\u0301" })).toEqual({
      mode: "literal",
      needles: ["e\u0301", "\u00e9"],
    });
    expect(patternOf({ mode: "regex", query: "e\u0301+" })).toEqual({
      mode: "regex",
      expression: "e\u0301+|\u00e9+",
    });
    const named = "(?<name>e\u0301)";
    expect(patternOf({ mode: "regex", query: named })).toEqual({ mode: "regex", expression: named });
  });

  it("keep every character in its place when folded", () => {
    const points = Array.from({ length: 0x110000 }, (_, point) => point);
    const characters = points.map((point) => String.fromCodePoint(point));

    expect(characters.filter((character) => fold(character).length !== character.length)).toEqual([]);
  });
});

describe("filters", () => {
  const query = (dates: { after?: string; before?: string }) =>
    understand(KnowledgeQuery.parse({ query: "x", ...dates }), "knowledge").filter;

  it("take a day from its first moment and end before the other", () => {
    const filter = query({ after: "2026-11-01", before: "2026-11-02T00:00:00+01:00" });

    expect(inWindow(Date.parse("2026-10-31T23:59:59.999Z"), filter)).toBe(false);
    expect(inWindow(Date.parse("2026-11-01T00:00:00Z"), filter)).toBe(true);
    expect(inWindow(Date.parse("2026-11-01T22:59:59.999Z"), filter)).toBe(true);
    expect(inWindow(Date.parse("2026-11-01T23:00:00Z"), filter)).toBe(false);
    expect(inWindow(0, query({}))).toBe(true);
  });

  it.each(["yesterday", "2026-13-01", "11/01/2026", ""])("refuse %s as a date", (after) => {
    expect(() => query({ after })).toThrow(/^after: /);
  });
});

describe("cursors", () => {
  const position = {
    timeMs: 1_700_000_000_000,
    key: documentKey("w", "a".repeat(1024)),
    line: Number.MAX_SAFE_INTEGER,
  };
  const query = KnowledgeQuery.parse({ query: "word", limit: 5 });

  it("come back as they were, in the room a cursor has", () => {
    const cursor = encodePosition("knowledge", query, position);

    expect(decodePosition("knowledge", query, cursor)).toEqual(position);
    expect(cursor.length).toBeLessThan(200);
  });

  it("belong to one kind of listing, and to one query, whatever the page size", () => {
    const offset = encodeOffset("knowledge", query, 5);
    const lines = encodePosition("knowledge", query, position);

    expect(decodePosition("knowledge", { ...query, limit: 50, cursor: lines }, lines)).toEqual(position);
    expect(decodeOffset("knowledge", { ...query, limit: 50, cursor: offset }, offset)).toBe(5);
    for (const use of [
      () => decodeOffset("knowledge", { ...query, query: "other" }, offset),
      () => decodeOffset("sessions", query, offset),
      () => decodePosition("knowledge", query, offset),
      () => decodePosition("knowledge", { ...query, mode: "literal" }, lines),
      () => decodePosition("sessions", query, lines),
      () => decodeOffset("knowledge", query, lines),
    ])
      expect(use).toThrow(expect.objectContaining({ code: "invalid_input" }));
  });

  it("order documents newest first, then by key", () => {
    const places = [
      { timeMs: 1, key: "a" },
      { timeMs: 2, key: "b" },
      { timeMs: 2, key: "a" },
    ];

    expect(places.sort(comparePlaces)).toEqual([
      { timeMs: 2, key: "a" },
      { timeMs: 2, key: "b" },
      { timeMs: 1, key: "a" },
    ]);
  });
});

describe("snippets", () => {
  it("hold the match, one line and at most 300 characters, and no half characters", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 900 }),
        fc.string({ unit: "binary", maxLength: 900 }),
        (before, after) => {
          const text = `${before} needle ${after}`;

          const shown = snippet(text, before.length + 1, before.length + 7);

          expect(shown.length).toBeLessThanOrEqual(300);
          expect(shown).not.toMatch(/[\r\n]/);
          expect(shown.isWellFormed()).toBe(true);
        },
      ),
    );
    expect(snippet(`${"x ".repeat(400)}needle${" y".repeat(400)}`, 800, 806)).toMatch(/^….*needle.*…$/);
    expect(snippet("all of it", 4)).toBe("all of it");
  });
});
