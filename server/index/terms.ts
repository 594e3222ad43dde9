import { fold } from "./fold.ts";

/** Scripts written without spaces: their runs are cut into overlapping pairs. */
const RUN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー々]+/gu;
const WORD = /[\p{L}\p{M}\p{N}]+[+#]{0,2}/gu;
const HUMP = /(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/;

/**
 * The terms a text is found by, in their order: folded words reduced to their stems, the parts of names written
 * `likeThis` besides the whole name, and for scripts without spaces every pair of neighbours and the last character
 * alone, so that every character begins a term. Terms hold letters, digits, `+` and `#` only.
 */
export function* termsOf(text: string): Generator<string> {
  for (const [word] of text.matchAll(WORD)) {
    if (HUMP.test(word)) for (const part of word.split(HUMP)) yield* termsOfWord(fold(part));
    yield* termsOfWord(fold(word));
  }
}

function* termsOfWord(folded: string): Generator<string> {
  let at = 0;
  for (const match of folded.matchAll(RUN)) {
    if (match.index > at) yield stem(folded.slice(at, match.index));
    yield* pairs(match[0]);
    at = match.index + match[0].length;
  }
  if (at < folded.length) yield stem(folded.slice(at));
}

function* pairs(run: string): Generator<string> {
  const characters = Array.from(run);
  for (const [index, character] of characters.entries()) yield `${character}${characters[index + 1] ?? ""}`;
}

/** What a word has in common with its other forms; always a beginning of the word. */
function stem(word: string): string {
  return word.length > 3 && word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word;
}
