import fc from "fast-check";
import { expect, it } from "vitest";
import { Ranking } from "../../server/search/ranking/ranked.ts";

const WORDS = 3;

/** A document that holds the words of these bits, each in the same single passage. */
function found(key: number, bits: number) {
  const reach = Array.from({ length: WORDS }, (_, index) => ((bits & (1 << index)) === 0 ? 0 : 1));
  const candidate = { line: 1, holdings: reach, snippet: "" };
  const document = { timeMs: -key, key: `${key}` };
  return {
    document,
    title: undefined,
    summary: { passages: 1, holding: reach, reach, candidates: [candidate], lines: [1] },
  };
}

const keysOf = (ranking: Ranking<{ timeMs: number; key: string }>) =>
  ranking.best().map(({ document }) => document.key);

it("puts a rare word before a frequent one, many words before few, and newer before older", () => {
  const ranking = new Ranking(WORDS, { wholeShare: 1 });

  for (const [key, bits] of [0b001, 0b001, 0b011, 0b010, 0b001].entries()) ranking.add(found(key, bits));

  expect(keysOf(ranking)).toEqual(["2", "3", "0", "1", "4"]);
  expect(ranking.lower).toBe(0);
});

it("gives as many as it may, those that all of them in order would begin with", () => {
  // Which words are rare does not change on the way, so nothing is let go that would have come back.
  const kinds = [0b111, 0b011, 0b001];
  fc.assert(
    fc.property(fc.nat({ max: 40 }), fc.integer({ min: 1, max: 7 }), (rounds, most) => {
      const bounded = new Ranking(WORDS, { wholeShare: 1, most });
      const whole = new Ranking(WORDS, { wholeShare: 1, most: 1000 });

      for (let key = 0; key < rounds * kinds.length; key += 1)
        for (const ranking of [bounded, whole]) ranking.add(found(key, kinds[key % kinds.length] ?? 0));

      expect(keysOf(bounded)).toEqual(keysOf(whole).slice(0, most));
      expect(bounded.lower).toBe(Math.max(0, rounds * kinds.length - most));
    }),
  );
});

it("counts every document for how rare a word is, also those it let go", () => {
  const bounded = new Ranking(WORDS, { wholeShare: 1, most: 1 });
  const whole = new Ranking(WORDS, { wholeShare: 1, most: 1000 });

  for (let key = 0; key < 100; key += 1)
    for (const ranking of [bounded, whole]) ranking.add(found(key, key === 50 ? 0b010 : 0b001));

  expect(bounded.best()[0]).toEqual(whole.best()[0]);
});
