import { byteLength } from "../../contract/ids.ts";
import { LIMITS } from "../../contract/limits.ts";

/**
 * A page of a listing or search that fits into one answer. When the page has more bytes than that, it is asked for
 * again with as many entries as fit: only the listing itself can say where the next page begins.
 */
export async function fittingPage<P>(
  limit: number,
  fetch: (limit: number) => Promise<P>,
  entriesOf: (page: P) => readonly unknown[],
): Promise<P> {
  let page = await fetch(limit);
  while (bytesOf(page) > LIMITS.answer.defaultBytes) {
    const entries = entriesOf(page);
    if (entries.length <= 1) return page;
    const fits = fittingCount(entries, LIMITS.answer.defaultBytes - (bytesOf(page) - bytesOf(entries)));
    page = await fetch(Math.max(1, Math.min(fits, entries.length - 1)));
  }
  return page;
}

function fittingCount(entries: readonly unknown[], budgetBytes: number): number {
  let bytes = "[]".length;
  const beyond = entries.findIndex((entry) => {
    bytes += bytesOf(entry) + ",".length;
    return bytes > budgetBytes;
  });
  return beyond === -1 ? entries.length : beyond;
}

function bytesOf(value: unknown): number {
  return byteLength(JSON.stringify(value));
}
