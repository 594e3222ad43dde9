import { fold } from "./fold.ts";
import { piecesOf, wordsIn, type Piece } from "./pieces.ts";
import { stem } from "./stem.ts";

/**
 * The terms a text is found by, in their order: folded words reduced to their stems, the parts of names written
 * `likeThis` after the whole name, and for scripts without spaces every pair of neighbours and the last character
 * alone, so that every character begins a term. Terms hold letters, digits, marks, and at their end `+` or `#` (c++, c#).
 */
export function termsOf(text: string): string[] {
  const terms: string[] = [];
  for (const word of wordsIn(text)) {
    const found = termsOfWord(word);
    if (typeof found === "string") terms.push(found);
    // One by one: a call does not take as many arguments as a long text has terms.
    else for (const term of found) terms.push(term);
  }
  return terms;
}

/** The term of one piece. */
export function termOf({ text, kind }: Piece): string {
  return kind === "pair" ? fold(text) : stem(fold(text));
}

/** A memo, nothing that an answer depends on: words are few and come again and again. Most have one term. */
const KNOWN = new Map<string, string | readonly string[]>();
const MOST_KNOWN = 16_384;
/** Longer ones are seldom seen twice. */
const KNOWN_CHARS = 32;

/** The terms of one of the `wordsIn` a text: mostly one. */
export function termsOfWord(word: string): string | readonly string[] {
  const known = KNOWN.get(word);
  if (known !== undefined) return known;
  const terms = piecesOf(word).map(termOf);
  const found = terms.length === 1 && terms[0] !== undefined ? terms[0] : terms;
  if (word.length > KNOWN_CHARS) return found;
  if (KNOWN.size >= MOST_KNOWN) KNOWN.clear();
  KNOWN.set(word, found);
  return found;
}
