/** Runs `work` for every item, at most `limit` at a time; results in the order of the items. The first failure fails all. */
export async function mapBounded<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const runOne = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, runOne));
  return results;
}

/**
 * As `mapBounded`, but it fails only when nothing runs any more, and begins nothing more after a failure: for changes, where
 * what goes on behind the caller's back would meet the next change. Without a failure every result is there.
 */
export async function mapSettled<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<(R | undefined)[]> {
  const failures: unknown[] = [];
  const results = await mapBounded(items, limit, async (item) => {
    if (failures.length > 0) return undefined;
    try {
      return await work(item);
    } catch (error) {
      failures.push(error);
      return undefined;
    }
  });
  if (failures.length > 0) throw failures[0];
  return results;
}
