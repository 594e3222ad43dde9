import { mayBeNumber } from "./json-number.ts";
import type { Unit } from "./unit.ts";

/** A rare part that is longer says no more. */
const MOST_UNITS = 24;
/** Below this nearly every line matches. */
const FEWEST_BITS = 12;

/**
 * A pattern for raw bytes of JSON (a byte is a character): the part of the pieces that is rarest in texts. Undefined when
 * all of it is frequent. Character after character has one way to match, so it takes linear time; one beyond ASCII,
 * however it is written, ends it as a match.
 */
export function rarestPattern(pieces: readonly (readonly Unit[])[]): string | undefined {
  const [best] = pieces.flatMap(partsOf).sort((a, b) => b.bits + b.first - (a.bits + a.first));
  if (best === undefined || best.bits < FEWEST_BITS) return undefined;
  const pattern = patternOf(best.units);
  return best.units.some(({ ascii }) => ascii.includes("_")) ? `${pattern}|${JOINED}` : pattern;
}

/** Where the reading of a transcript puts a name together of two, with `__` between them. */
const JOINED = '"namespace"|"tool_search_output"';

/** A part of a piece, and how rare it and its first character are. */
interface Part {
  units: readonly Unit[];
  bits: number;
  first: number;
}

function partsOf(piece: readonly Unit[]): Part[] {
  const bits = piece.map(bitsOf);
  return piece
    .map((_, start) => ({
      units: piece.slice(start, start + MOST_UNITS),
      bits: sum(bits.slice(start, start + MOST_UNITS)),
      first: bits[start] ?? 0,
    }))
    .filter(({ units }) => !mayBeNumber(units.map(({ ascii }) => ascii)));
}

function patternOf(units: readonly Unit[]): string {
  return units.reduceRight((rest, { ascii, others }) => {
    const own = `[${ascii.replaceAll("-", "\\-")}]${rest}`;
    return others ? `(?:${own}|[^\\0-\\x7f]|\\\\u)` : own;
  }, "");
}

/** How rare a character of some kind is in transcripts: about so many bits. */
function bitsOf({ ascii }: Unit): number {
  return -Math.log2(Math.min(1, sum(Array.from(ascii, shareOf))));
}

function shareOf(character: string): number {
  if (/[a-z]/.test(character)) return 0.025;
  return /[0-9]/.test(character) ? 0.01 : 0.002;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
