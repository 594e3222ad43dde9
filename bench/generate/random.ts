/** Chance that repeats itself: the same seed gives the same numbers on every machine. */
export interface Random {
  /** Uniform among the integers from 0 to `below` - 1. */
  integer(below: number): number;
  /** Uniform in [0, 1). */
  next(): number;
  chance(share: number): boolean;
  /** One of them; throws RangeError when there are none. */
  pick<T>(from: readonly T[]): T;
  /** Log-normal: half of the numbers are below `median`; `sigma` is the spread of their logarithms. */
  lognormal(median: number, sigma: number): number;
  /** So many lower-case hexadecimal digits. */
  hex(digits: number): string;
  /** So many characters as of base64. */
  base64(chars: number): string;
  /** The shape of a random UUID. */
  uuid(): string;
}

const HEX_DIGITS = 8;
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Source of the generator: mulberry32 (public domain). */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const bits = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const next = () => bits() / 2 ** 32;
  const integer = (below: number) => Math.floor(next() * below);
  const hex = (digits: number) => hexOf(bits, digits);
  return {
    integer,
    next,
    chance: (share) => next() < share,
    pick: (from) => picked(from, integer(from.length)),
    lognormal: (median, sigma) => median * Math.exp(sigma * gaussian(next)),
    hex,
    base64: (chars) => base64Of(bits, chars),
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
  };
}

/** A seed of its own for each number below a seed, so that documents can be made in any order. */
export function seedOf(seed: number, number: number): number {
  let mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(number + 1, 0xc2b2ae35);
  mixed ^= mixed >>> 16;
  mixed = Math.imul(mixed, 0x7feb352d);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

function picked<T>(from: readonly T[], index: number): T {
  const one = from[index];
  if (one === undefined) throw new RangeError("there is nothing to pick from");
  return one;
}

/** Source: Box and Muller, "A note on the generation of random normal deviates" (1958). */
function gaussian(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

function hexOf(bits: () => number, digits: number): string {
  let text = "";
  while (text.length < digits) text += bits().toString(16).padStart(HEX_DIGITS, "0");
  return text.slice(0, digits);
}

/** Five characters of each number. */
function base64Of(bits: () => number, chars: number): string {
  let text = "";
  while (text.length < chars) {
    const number = bits();
    for (let shift = 0; shift < 30; shift += 6) text += BASE64.charAt((number >>> shift) & 63);
  }
  return text.slice(0, chars);
}
