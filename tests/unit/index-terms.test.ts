import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fold } from "../../server/index/text/fold.ts";
import { stem } from "../../server/index/text/stem.ts";
import { termsOf } from "../../server/index/text/terms.ts";
import { findWords } from "../../server/search/words/find-words.ts";
import { wordsOf } from "../../server/search/words/words.ts";

describe("terms of a text", () => {
  it.each([
    ["Deploy the Migrations!", ["deploy", "the", "migrat"]],
    ["writeToken write_token write-token", ["writetoken", "writ", "token", "writ", "token", "writ", "token"]],
    ["server/search/query.ts", ["server", "search", "quer", "ts"]],
    [
      "E1234_TIMEOUT sha256Of HTTPServer",
      ["e1234", "timeout", "sha256of", "sha256", "of", "httpserver", "http", "server"],
    ],
    ["C++, c# and F#; i++ x+y a## notes", ["c++", "c#", "and", "f#", "i++", "x", "y", "a#", "note"]],
    ["v24.1.0", ["v24", "1", "0"]],
    ["向量库 用sqlite", ["向量", "量库", "库", "用", "sqlit"]],
    ["서버가 テスト", ["서버", "버가", "가", "テス", "スト", "ト"]],
    ["naïve Straße 𠀀𠀁", ["naïve", "straße", "𠀀𠀁", "𠀁"]],
    ["", []],
  ])("%s", (text, terms) => {
    expect(termsOf(text)).toEqual(terms);
  });

  it("hold nothing that divides terms or looks like a mark, and are never endless", () => {
    const longWord = "x".repeat(10_000);

    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
        expect(termsOf(text).filter((term) => !/^[\p{L}\p{M}\p{N}]+[+#]{0,2}$/u.test(term))).toEqual([]);
      }),
    );
    expect(termsOf(longWord)[0]?.length).toBeLessThan(100);
    expect(termsOf("aBcDeFgHiJkLmNoPqRsTuVwXyZ").length).toBe(1);
  });
});

describe("stems", () => {
  it.each([
    "migrate migrates migrated migrating migration migrations",
    "cache caches cached caching",
    "query queries queried querying",
    "retry retries retried retrying",
    "policy policies",
    "deploy deploys deployed deploying deployment deployments",
    "commit commits committed committing",
    "notify notifies notified notification notifications",
    "config configs configuration configure configured configuring",
    "auth authentication authenticate authorization",
    "deps dependency dependencies",
    "alias aliases",
    "status statuses",
    "process processes processed processing",
    "queue queues queued queuing",
  ])("are the same for %s", (words) => {
    expect([...new Set(words.split(" ").map(stem))]).toHaveLength(1);
  });

  it.each([
    "cors core",
    "note not",
    "pipe pip",
    "settings set",
    "string str",
    "speed spe",
    "server serve",
    "css cs",
  ])("are not the same for %s", (words) => {
    expect([...new Set(words.split(" ").map(stem))]).toHaveLength(2);
  });

  it("are always beginnings of their words", () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z]{0,12}(?:s|es|ies|ing|ed|ied|ment|tion|ization|ly|e|y)?$/),
        (word) => {
          expect(word.startsWith(stem(word))).toBe(true);
          expect(stem(word) === "").toBe(word === "");
        },
      ),
    );
  });
});

describe("looking into a text", () => {
  const piece = fc.constantFrom(
    ..."token Token tokens TOKEN write Write cache caching c C # ++ _ - . / 向 量 库 서 버 é É 1 24 K8s HTTP x".split(
      " ",
    ),
    " ",
    "\u0130",
  );

  it("finds a word exactly where the index has its term", () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 14 }),
        fc.array(piece, { minLength: 1, maxLength: 3 }),
        (text, query) => {
          const texts = text.join("");
          const terms = termsOf(texts);

          for (const word of wordsOf(query.join(""))) {
            const { starts } = findWords(texts, [word])[0] ?? { starts: [] };
            const isHeld = {
              word: () => terms.includes(word.text),
              pair: () => terms.includes(word.text),
              beginning: () => terms.some((term) => term.startsWith(word.text)),
              signs: () => fold(texts).includes(word.text),
            }[word.kind]();

            expect(starts.length > 0, `${word.text} (${word.kind}) in ${texts}`).toBe(isHeld);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("knows a word in its own form from other forms of it", () => {
    const found = (query: string, text: string) =>
      findWords(text, wordsOf(query)).map(({ starts, own }) => [starts, own]);

    expect(found("cache", "Caching the cache, caches")).toEqual([[[0, 12, 19], 1]]);
    expect(found("token", "writeToken tokens.token")).toEqual([[[5, 11, 18], 2]]);
  });
});
