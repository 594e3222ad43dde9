import { LIMITS } from "../../../contract/limits.ts";
import { KIND, kindAt } from "../../index/text/characters.ts";
import { fold } from "../../index/text/fold.ts";
import { wordsIn } from "../../index/text/pieces.ts";
import { termsOfWord } from "../../index/text/terms.ts";
import type { Word } from "./words.ts";

/** Where a text holds a word. */
export interface FoundWord {
  /** Where it begins, ascending, the first `LIMITS.search.wordPlaces` times. */
  starts: readonly number[];
  /** How many of these are in the form that was typed. */
  own: number;
}

const NOWHERE: FoundWord = { starts: [], own: 0 };

/**
 * Where a text (as it is: its capitals tell the parts of names) holds the words: for every word of the text that has the
 * same term. So a text holds a word exactly when the index has the word's term for the text.
 */
export function findWords(text: string, words: readonly Word[]): FoundWord[] {
  const folded = fold(text);
  return words.map((word) => findWord({ text, folded }, word));
}

/** Whether any of the words was found. */
export function isFound(found: readonly FoundWord[]): boolean {
  return found.some(({ starts }) => starts.length > 0);
}

interface Text {
  text: string;
  folded: string;
}

function findWord(where: Text, word: Word): FoundWord {
  let start = where.folded.indexOf(word.text);
  if (start === -1) return NOWHERE;
  const starts: number[] = [];
  let own = 0;
  for (
    ;
    start !== -1 && starts.length < LIMITS.search.wordPlaces;
    start = where.folded.indexOf(word.text, start + 1)
  ) {
    if (word.kind === "word" && !isTermAt(where, start, word.text)) continue;
    starts.push(start);
    if (word.kind !== "word" || isOwnForm(where, start, word.typed)) own += 1;
  }
  return { starts, own };
}

/** Whether at this place, where the letters of the term stand, a word begins that has it, or a part of a name. */
function isTermAt({ text }: Text, start: number, term: string): boolean {
  if (isLetter(text, start - 1) && kindAt(text, start) !== KIND.upper) return false;
  const terms = termsOfWord(wordAround(text, start));
  return typeof terms === "string" ? terms === term : terms.includes(term);
}

function isOwnForm({ text, folded }: Text, start: number, typed: string): boolean {
  if (!folded.startsWith(typed, start)) return false;
  const end = kindAt(text, start + typed.length);
  return end === KIND.none || end === KIND.run || end === KIND.upper;
}

/** A letter alone may go on with so many signs: C++. */
const SIGNS = 2;
/** What is longer is not looked at as a whole: it is no name that has parts, and its term is only its beginning. */
const LONGEST = 256;

/** The word, as `wordsIn` finds it, without what it may hold of scripts without spaces. */
function wordAround(text: string, index: number): string {
  let start = index;
  while (isLetter(text, start - 1)) {
    start -= 1;
    if (index - start > LONGEST) return "";
  }
  let end = index + 1;
  while (isLetter(text, end) && end - start < LONGEST) end += 1;
  const isLetterAlone = end === start + 1 && kindAt(text, start - 1) === KIND.none;
  return isLetterAlone ? (wordsIn(text.slice(start, end + SIGNS))[0] ?? "") : text.slice(start, end);
}

function isLetter(text: string, index: number): boolean {
  const kind = kindAt(text, index);
  return kind === KIND.other || kind === KIND.upper;
}
