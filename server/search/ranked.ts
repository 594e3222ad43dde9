import { has, INSIDE, type Candidate, type Summary } from "./summarizer.ts";

export interface Ranked<T> {
  document: T;
  best: Candidate;
  lines: number[];
  score: number;
}

/**
 * Documents best first. A word counts the more the fewer documents hold it; a document's score is what its best
 * passage holds, plus `coverage` times what the whole document holds. Equal scores: the newer one first.
 */
export function rank<T extends { timeMs: number; key: string }>(
  found: readonly { document: T; summary: Summary }[],
  coverage: number,
): Ranked<T>[] {
  const rarity = rarities(found.map(({ summary }) => summary.reach));
  const ranked = found.flatMap(({ document, summary }) => {
    const { reach, candidates, lines } = summary;
    const scored = candidates.map((candidate) => ({ candidate, score: passageScore(candidate, rarity) }));
    const best = scored.toSorted((a, b) => b.score - a.score || a.candidate.line - b.candidate.line)[0];
    if (best === undefined) return [];
    const whole = reach.reduce((sum, weight, index) => sum + weight * (rarity[index] ?? 0), 0);
    return { document, best: best.candidate, lines, score: rounded(best.score + coverage * whole) };
  });
  return ranked.sort(
    (a, b) =>
      b.score - a.score ||
      b.document.timeMs - a.document.timeMs ||
      (a.document.key < b.document.key ? -1 : Number(a.document.key > b.document.key)),
  );
}

function passageScore({ weight, strong, weak }: Candidate, rarity: readonly number[]): number {
  const sum = rarity.reduce((total, value, index) => {
    if (has(strong, index)) return total + value;
    return has(weak, index) ? total + INSIDE * value : total;
  }, 0);
  return weight * sum;
}

function rarities(reaches: readonly (readonly number[])[]): number[] {
  const words = reaches[0]?.length ?? 0;
  return Array.from({ length: words }, (_, index) => {
    const holding = reaches.filter((reach) => (reach[index] ?? 0) > 0).length;
    return Math.log(1 + reaches.length / Math.max(1, holding));
  });
}

function rounded(score: number): number {
  return Math.round(score * 1000) / 1000;
}
