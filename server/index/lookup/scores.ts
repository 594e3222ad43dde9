import { inAny, type RowIds } from "./rows.ts";

/** Rows, ascending, with what they are worth so far. */
export interface ScoredRows {
  rows: RowIds;
  scores: Float64Array;
}

/** The rows of all lists, each once, worth nothing yet. */
export function unscored(lists: readonly RowIds[]): ScoredRows {
  const rows = inAny(lists);
  return { rows, scores: new Float64Array(rows.length) };
}

/** Makes the rows that stand in the list worth more. */
export function addScore({ rows, scores }: ScoredRows, list: RowIds, score: number): void {
  let at = 0;
  for (const row of list) {
    while ((rows[at] ?? Infinity) < row) at += 1;
    if (rows[at] === row) scores[at] = (scores[at] ?? 0) + score;
  }
}

/** More rows than any list has. One number holds a rank and a row's index: `rank * INDEXES + index` sorts by both. */
const INDEXES = 2 ** 26;

/**
 * The rows, best first; equal ones by rank (small first), then as they are. Few are ever taken, so only the best are put
 * in order, and more of them as more are asked for.
 */
export function* bestFirst({ rows, scores }: ScoredRows, rankOf: (row: number) => number): Generator<number> {
  const ascending = scores.toSorted();
  let below = Infinity;
  for (let wanted = FIRST_WANTED; below > 0 && ascending.length > 0; wanted *= 4) {
    const least = ascending[Math.max(0, ascending.length - wanted)] ?? 0;
    for (const indexes of byScore(scores, { least, below })) {
      const ordered = Float64Array.from(
        indexes,
        (index) => rankOf(rows[index] ?? 0) * INDEXES + index,
      ).sort();
      for (const each of ordered) yield rows[each % INDEXES] ?? 0;
    }
    if (wanted >= ascending.length) return;
    below = least;
  }
}

const FIRST_WANTED = 256;

/** Indexes of the scores from the least to below the other, those of equal scores together, best first. */
function byScore(
  scores: Float64Array,
  { least, below }: { least: number; below: number },
): readonly (readonly number[])[] {
  const groups = new Map<number, number[]>();
  // By index: `entries()` makes an array for each of tens of thousands.
  for (let index = 0; index < scores.length; index += 1) {
    const score = scores[index] ?? 0;
    if (score < least || score >= below) continue;
    const group = groups.get(score);
    if (group === undefined) groups.set(score, [index]);
    else group.push(index);
  }
  return [...groups].sort(([a], [b]) => b - a).map(([, indexes]) => indexes);
}
