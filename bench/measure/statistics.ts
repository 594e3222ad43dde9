/** What is said about some numbers of one unit: the middle one, the quarters, the ends. */
export interface Summary {
  count: number;
  median: number;
  /** A quarter of the numbers is at most this. */
  lower: number;
  /** A quarter of the numbers is at least this. */
  upper: number;
  min: number;
  max: number;
}

/** Sums numbers up. Throws RangeError when there are none: nothing must not look like a measurement. */
export function summaryOf(numbers: readonly number[]): Summary {
  if (numbers.length === 0) throw new RangeError("nothing was measured");
  const sorted = numbers.toSorted((a, b) => a - b);
  return {
    count: sorted.length,
    median: quantile(sorted, 0.5),
    lower: quantile(sorted, 0.25),
    upper: quantile(sorted, 0.75),
    min: quantile(sorted, 0),
    max: quantile(sorted, 1),
  };
}

/** The number below which that share of the sorted numbers lies, between two of them where none is exact. */
export function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}
