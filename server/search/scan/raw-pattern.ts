import { mayBeNumber } from "../../index/literals/json-number.ts";
import { RUN_CLASS } from "../../index/text/characters.ts";

const ASCII_RUN = /[a-z0-9]+/g;
/** Without the letters that others fold to. */
const PLAIN_RUN = /[a-hjl-rt-z0-9]+/g;
/** İ, the Kelvin sign and the long s fold to these letters. */
const RELATIVES = new Map(Object.entries({ i: "\u0130", k: "\u212a", s: "\u017f" }));
/** Scripts without spaces, which have no capitals either. */
const CASELESS_RUN = new RegExp(`${RUN_CLASS}+`, "gu");
const SHORTEST = 3;

/**
 * A pattern, case ignored, for raw bytes of JSON (a byte is a character) in which a folded text stands: its longest run
 * of letters and digits, which clients write as they are, or of a script without spaces, which they write as it is or
 * escaped. Undefined for a text without such a run, or with none but what may be a number.
 */
export function rawPattern(folded: string): string | undefined {
  const plain = longest(textRuns(folded, PLAIN_RUN));
  if (plain.length >= SHORTEST) return plain;
  const caseless = longest(folded.match(CASELESS_RUN) ?? []);
  if (caseless !== "") return Array.from(caseless, character).join("");
  const run = longest(textRuns(folded, ASCII_RUN));
  if (run.length < SHORTEST) return undefined;
  return run.replaceAll(/[iks]/g, (letter) => `(?:${letter}|${character(RELATIVES.get(letter) ?? letter)})`);
}

function textRuns(folded: string, run: RegExp): string[] {
  return (folded.match(run) ?? []).filter((each) => !mayBeNumber(Array.from(each)));
}

function longest(runs: readonly string[]): string {
  return runs.reduce((best, run) => (run.length > best.length ? run : best), "");
}

/** A character beyond ASCII, in bytes or as an escape. */
function character(text: string): string {
  const escapes = Array.from({ length: text.length }, (_, unit) => {
    return `\\\\u${text.charCodeAt(unit).toString(16).padStart(4, "0")}`;
  });
  return `(?:${Buffer.from(text).toString("latin1")}|${escapes.join("")})`;
}
