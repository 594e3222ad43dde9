import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { fittingPage } from "../../server/mcp/page.ts";

interface Page {
  entries: string[];
  next_cursor?: string;
}

/** A listing of `count` entries of `size` characters. */
function listing(count: number, size: number) {
  const asked: number[] = [];
  const fetch = async (limit: number): Promise<Page> => {
    asked.push(limit);
    const entries = Array.from({ length: Math.min(limit, count) }, (_, index) =>
      `${index}`.padEnd(size, "x"),
    );
    return entries.length < count ? { entries, next_cursor: `${entries.length}` } : { entries };
  };
  return { asked, page: (limit: number) => fittingPage(limit, fetch, ({ entries }) => entries) };
}

describe("a page that fits into an answer", () => {
  it("is taken as it is when it is small", async () => {
    const { asked, page } = listing(3, 10);

    const { entries } = await page(500);

    expect(entries).toHaveLength(3);
    expect(asked).toEqual([500]);
  });

  it("is asked for again with as many entries as fit", async () => {
    const { asked, page } = listing(500, 300);

    const fitting = await page(500);

    const bytes = JSON.stringify(fitting).length;
    expect(bytes).toBeLessThanOrEqual(LIMITS.answer.defaultBytes);
    expect(bytes).toBeGreaterThan(LIMITS.answer.defaultBytes - 600);
    expect(fitting.next_cursor).toBe(`${fitting.entries.length}`);
    expect(asked).toHaveLength(2);
  });

  it("holds at least one entry, however large", async () => {
    const { page } = listing(2, 2 * LIMITS.answer.defaultBytes);

    const { entries } = await page(500);

    expect(entries).toHaveLength(1);
  });
});
