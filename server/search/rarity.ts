/** How many passages (or documents) there are, and how many of them hold each word. */
export interface Occurrence {
  passages: number;
  holding: readonly number[];
}

/** For every word how much it tells by being rare: 0.7 when everything holds it, more the fewer do. */
export function rarityOf({ passages, holding }: Occurrence): number[] {
  return holding.map((holds) => Math.log(1 + Math.max(passages, holds, 1) / Math.max(1, holds)));
}

/** What holdings come to when every word counts by its rarity. */
export function scoreOf(holdings: readonly number[], rarity: readonly number[]): number {
  return holdings.reduce((sum, holding, index) => sum + holding * (rarity[index] ?? 0), 0);
}
