import { LIMITS } from "../../contract/limits.ts";
import { isWordAt } from "./match.ts";
import { isRun, type Word } from "./words.ts";

/** Which words a text holds. Bit n of `strong` and `weak` stands for word n. */
export interface FoundWords {
  /** Words that a word of the text is or begins with. */
  strong: number;
  /** Words that stand only inside of others. */
  weak: number;
  /** Where each word that was found stands first. */
  places: number[];
}

export function findWords(folded: string, words: readonly Word[]): FoundWords {
  const found: FoundWords = { strong: 0, weak: 0, places: [] };
  for (const [index, word] of words.entries()) {
    const place = findWord(folded, word);
    if (place === undefined) continue;
    if (place.strong) found.strong |= 1 << index;
    else found.weak |= 1 << index;
    found.places.push(place.index);
  }
  return found;
}

/** The first place where the word begins a word, else the first one inside of another. */
function findWord(folded: string, { text, whole }: Word): { index: number; strong: boolean } | undefined {
  const first = folded.indexOf(text);
  if (first === -1) return undefined;
  if (isRun(text)) return { index: first, strong: true };
  let index = first;
  for (let looked = 0; index !== -1 && looked < LIMITS.search.wordPlaces; looked += 1) {
    const ends = !whole || !isWordAt(folded, index + text.length);
    if (ends && !isWordAt(folded, index - 1)) return { index, strong: true };
    index = folded.indexOf(text, index + 1);
  }
  return whole ? undefined : { index: first, strong: false };
}

/** Whether any of the words was found. */
export function isFound({ strong, weak }: Pick<FoundWords, "strong" | "weak">): boolean {
  return strong !== 0 || weak !== 0;
}

/** Whether the bit of this word is set. */
export function has(bits: number, index: number): boolean {
  return (bits & (1 << index)) !== 0;
}
