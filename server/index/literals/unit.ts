/** One character of a match: which ASCII characters it can be, and whether it can be one beyond ASCII. */
export interface Unit {
  /** Each once. */
  ascii: string;
  others: boolean;
}

/** What stands in raw JSON just as in the text that it holds. */
const PLAIN = /^[\w-]+$/;

/** Undefined when a character may be written otherwise in JSON, or cannot be told by its byte. */
export function unitOf(ascii: string, others = false): Unit | undefined {
  return PLAIN.test(ascii) ? { ascii: [...new Set(ascii)].join(""), others } : undefined;
}

/** The same for a text whose case is ignored: two letters have relatives beyond ASCII. */
export function anyCase({ ascii, others }: Unit): Unit {
  return {
    ascii: [...new Set(ascii.toLowerCase() + ascii.toUpperCase())].join(""),
    others: others || /[ks]/i.test(ascii),
  };
}

const DIGITS = "0123456789";
const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** What `\d` and `\w` stand for. */
export const UNIT_CLASSES: Partial<Record<string, Unit>> = {
  d: { ascii: DIGITS, others: true },
  w: { ascii: `${LETTERS}${LETTERS.toUpperCase()}${DIGITS}_`, others: true },
};

/** The characters of a class that lists them or names ranges of them, all ASCII. Undefined for any other. */
export function unitOfClass(body: string): Unit | undefined {
  if (!/^(?:[\w](?:-[\w])?)+-?$/.test(body)) return undefined;
  const characters = body.replaceAll(/(.)-(.)/g, (_, first: string, last: string) => range(first, last));
  return unitOf(characters);
}

function range(first: string, last: string): string {
  const [from, to] = [first.charCodeAt(0), last.charCodeAt(0)];
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) =>
    String.fromCharCode(from + index),
  ).join("");
}

const MOST_UNITS = 8;
/** Below this nearly every line matches. */
const FEWEST_BITS = 12;

/**
 * A pattern for raw bytes of JSON (a byte is a character): the part of the pieces that is rarest in texts. Undefined when
 * all of it is frequent. Character after character has one way to match, so it takes linear time; one beyond ASCII,
 * however it is written, ends it as a match.
 */
export function rarestPattern(pieces: readonly (readonly Unit[])[]): string | undefined {
  const windows = pieces.flatMap((piece) => piece.map((_, start) => piece.slice(start, start + MOST_UNITS)));
  const scored = windows.map((units) => ({ units, bits: sum(units.map(bitsOf)), first: bitsOf(units[0]) }));
  const [best] = scored.sort((a, b) => b.bits + b.first - (a.bits + a.first));
  return best === undefined || best.bits < FEWEST_BITS ? undefined : patternOf(best.units);
}

function patternOf(units: readonly Unit[]): string {
  return units.reduceRight((rest, { ascii, others }) => {
    const own = `[${ascii.replaceAll("-", "\\-")}]${rest}`;
    return others ? `(?:${own}|[^\\0-\\x7f]|\\\\u)` : own;
  }, "");
}

/** How rare a character of some kind is in transcripts: about so many bits. */
function bitsOf(unit: Unit | undefined): number {
  if (unit === undefined) return 0;
  return -Math.log2(Math.min(1, sum(Array.from(unit.ascii, shareOf))));
}

function shareOf(character: string): number {
  if (/[a-z]/.test(character)) return 0.025;
  return /[0-9]/.test(character) ? 0.01 : 0.002;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
