import { WEIGHTS } from "../words/weights.ts";

/** How many passages (or documents) there are, and how many of them hold each word. */
export interface Occurrence {
  passages: number;
  holding: readonly number[];
}

/**
 * For every word, of how many passages one holds it: 1 when all do. `coarse` is the rarity among larger pieces of text,
 * when it is known: of all pieces only some are looked at. It is taken with reserve, for a word that every piece holds may
 * still be rare in them.
 */
export function rarityOf({ passages, holding }: Occurrence, coarse?: readonly number[]): number[] {
  return holding.map((holds, index) => {
    const oneIn = Math.max(passages, holds, 1) / Math.max(1, holds);
    return coarse === undefined ? oneIn : (WEIGHTS.reserve + (coarse[index] ?? 1)) * oneIn;
  });
}

/** For every word how much it tells, by how rare it is. */
export function worthOf(rarity: readonly number[]): number[] {
  return rarity.map((oneIn) => Math.log(WEIGHTS.common + oneIn));
}

/** What holdings come to when every word counts by its worth. */
export function scoreOf(holdings: readonly number[], worth: readonly number[]): number {
  return holdings.reduce((sum, holding, index) => sum + holding * (worth[index] ?? 0), 0);
}
