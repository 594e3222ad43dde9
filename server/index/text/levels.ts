/** What a term counts for by where in a knowledge file it stands. */
export const FIELD = { path: 4, heading: 2.5, body: 1 } as const;

/** BM25 as SQLite has it (k1 and b), but for the usual length: the mean of all files would tell of files that others may not see. */
const SATURATION = 1.2;
const LENGTH = 0.75;
const USUAL_TERMS = 300;
/** BM25's share of a term is between 0 and 2.2, in steps: half as many of them choose worse files. */
const STEP = 0.3;
const LEVELS = Math.floor((SATURATION + 1) / STEP);

/** What goes before a term to say at which level a file is about it; terms hold no `_`. None for the lowest. */
export function levelMark(count: number, length: number): string {
  const enough = SATURATION * (1 - LENGTH + (LENGTH * length) / USUAL_TERMS);
  const level = Math.floor((count * (SATURATION + 1)) / (count + enough) / STEP);
  return level === 0 ? "" : markOf(level);
}

/** How much a term adds to the score of a file that holds it, and how much more at each level, times what the term is worth. */
export const LEVEL_SHARES = {
  plain: STEP / 2,
  marks: Array.from({ length: LEVELS }, (_, index) => ({
    mark: markOf(index + 1),
    adds: (index + 1) * STEP,
  })),
};

function markOf(level: number): string {
  return `${level}_`;
}
