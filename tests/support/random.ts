/** Repeatable chance: the same seed gives the same run. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform among the integers from `low` to `high`, both included. */
  integer(low: number, high: number): number;
  /** Words, about `length` characters. */
  text(length: number): string;
}

const WORDS =
  "the quick brown fox jumps over a lazy dog while seven wizards brew potions of ünïcödé and 日本語 text".split(
    " ",
  );

/** Source: the mulberry32 generator (public domain). */
export function random(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  const text = (length: number) => {
    let words = "";
    while (words.length < length) words += `${WORDS[integer(0, WORDS.length - 1)]} `;
    return words;
  };
  return { next, integer, text };
}
