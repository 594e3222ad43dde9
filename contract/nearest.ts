/** The word of `words` that somebody who typed `word` most likely meant; undefined when none is near. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const begun = words.find((candidate) => word.length >= 2 && candidate.startsWith(word));
  if (begun !== undefined) return begun;
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.ceil(word.length / 3)) + 1;
  for (const candidate of words) {
    // No nearer than they differ in length: so what strangers send costs little, however long.
    if (Math.abs(word.length - candidate.length) >= bestDistance) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `Did you mean "…"?`, or nothing. */
export function didYouMean(word: string, words: readonly string[]): string | undefined {
  const guess = nearest(word, words);
  return guess === undefined ? undefined : `Did you mean "${guess}"?`;
}

/** Insertions, deletions and replacements that turn one word into the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, char] of Array.from(from).entries()) {
    const next = [index + 1];
    for (const [column, other] of Array.from(to).entries()) {
      const replaced = (row[column] ?? 0) + (char === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
