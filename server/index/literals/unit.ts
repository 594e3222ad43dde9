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
