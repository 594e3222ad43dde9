import { LIMITS } from "../../contract/limits.ts";
import { fold } from "../index/fold.ts";

/** A word of a ranked query, folded. */
export interface Word {
  text: string;
  /** Only counts with nothing but a boundary on both sides: short words are inside of everything. */
  whole: boolean;
}

const SHORT_WORD = 2;

/** Scripts written without spaces: their runs are cut into overlapping pairs. */
const RUN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー々]+/gu;
const WORD = /[\p{L}\p{M}\p{N}_]+/gu;
/** `C++`, `c#`: names that end in signs. */
const SIGNED = /^[\p{L}\p{N}]+[+#]+$/u;
/** The look behind lets a run be tried from its beginning only, so that this takes linear time. */
const QUOTES_AROUND = /^["'`([{<]+|(?<!["'`)\]}>.,;:!?])["'`)\]}>.,;:!?]+$/gu;

const STOP_WORDS = new Set(
  `a about above after again all am an and any are as at be because been before being below between both but by can
  could did do does doing down during each few for from further had has have having he her here hers him his how i if
  in into is it its itself just me more most my no nor not now of off on once only or other our ours out over own
  same she should so some such than that the their theirs them then there these they this those through to too under
  until up us very was we were what when where which while who whom why will with would you your yours`.split(
    /\s+/,
  ),
);

/**
 * The words a ranked search looks for, each once: without stop words unless nothing else is there. Signs mean
 * nothing, but a query of signs only looks for the signs as they are. Never empty for a query with a visible character.
 */
export function wordsOf(query: string): Word[] {
  const parts = query.split(/\s+/u).filter((part) => part !== "");
  const texts = parts.flatMap(wordsOfPart);
  const telling = texts.filter((text) => !STOP_WORDS.has(text));
  const found = firstFew(telling.length > 0 ? telling : texts);
  if (found.length === 0) return firstFew(parts).map(sign);
  return found.map((text) => ({
    text,
    whole: text.length <= SHORT_WORD && !isRun(text) && !SIGNED.test(text),
  }));
}

function firstFew(texts: readonly string[]): string[] {
  return [...new Set(texts)].slice(0, LIMITS.search.words);
}

function sign(text: string): Word {
  return { text: fold(text), whole: false };
}

function wordsOfPart(part: string): string[] {
  const bare = part.replaceAll(QUOTES_AROUND, "");
  if (SIGNED.test(bare)) return [fold(bare)];
  const words: string[] = [];
  for (const [word] of part.matchAll(WORD)) {
    words.push(...(word.match(RUN) ?? []).flatMap(pairs), ...word.split(RUN).filter((text) => text !== ""));
  }
  return words.map(fold);
}

function pairs(run: string): string[] {
  const characters = Array.from(run);
  if (characters.length <= 2) return [run];
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}

/** True for text of a script written without spaces, which has no word boundaries. */
export function isRun(text: string): boolean {
  return text.replaceAll(RUN, "") === "";
}
