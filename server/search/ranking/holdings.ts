import type { FoundWord } from "../words/find-words.ts";
import { WEIGHTS } from "../words/weights.ts";
import type { Word } from "../words/words.ts";

/**
 * How much a text holds of every word, before it is said how rare the word is: BM25's share of how often it stands there
 * (Robertson and Zaragoza 2009, k1 and b as in `WEIGHTS`), and more for words that stand near each other in the order of
 * the query, or are joined as there. `weight` says how much the kind of text tells.
 */
export function holdingsOf(
  found: readonly FoundWord[],
  words: readonly Word[],
  { chars, weight }: { chars: number; weight: number },
): number[] {
  const { saturation, length, usualChars } = WEIGHTS;
  const enough = saturation * (1 - length + (length * chars) / usualChars);
  const holdings = found.map(({ starts, own }) => {
    const times = own + WEIGHTS.otherForm * (starts.length - own);
    return (times * (saturation + 1)) / (times + enough);
  });
  addNearness(holdings, found, words);
  return holdings.map((holding, index) => holding * weight * (words[index]?.weight ?? 0));
}

function addNearness(holdings: number[], found: readonly FoundWord[], words: readonly Word[]): void {
  for (let index = 0; index + 1 < found.length; index += 1) {
    const [first, second] = [found[index], found[index + 1]];
    if (first === undefined || second === undefined || second.starts.length === 0) continue;
    const near = timesNear(first.starts, second.starts, (words[index]?.text.length ?? 0) + WEIGHTS.nearChars);
    const joined = timesJoined([first, second], words[index], words[index + 1]);
    const bonus = saturated(WEIGHTS.near, near) + saturated(WEIGHTS.joined, joined);
    holdings[index] = (holdings[index] ?? 0) + bonus;
    holdings[index + 1] = (holdings[index + 1] ?? 0) + bonus;
  }
}

function saturated(weight: number, times: number): number {
  return (2 * weight * times) / (times + 1);
}

/** How often the second stands so far behind the first as it was typed. */
function timesJoined(
  [first, second]: readonly [FoundWord, FoundWord],
  word: Word | undefined,
  next: Word | undefined,
): number {
  const joined = word?.joined;
  if (joined === undefined || joined.text !== next?.text) return 0;
  const starts = new Set(second.starts);
  return first.starts.filter((start) => starts.has(start + joined.chars)).length;
}

/** How often the second begins after the first, at most so many characters later. */
function timesNear(first: readonly number[], second: readonly number[], reach: number): number {
  let times = 0;
  let at = 0;
  for (const start of first) {
    while ((second[at] ?? Infinity) <= start) at += 1;
    if ((second[at] ?? Infinity) - start <= reach) times += 1;
  }
  return times;
}
