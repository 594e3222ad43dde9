import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { presented } from "../../contract/secrets.ts";
import { takeFitting } from "../../server/storage/fitting.ts";

const jsonBytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe("entries that fit into an answer", () => {
  it("are all, when they are few and small", () => {
    expect(takeFitting(["a", "b"], 500)).toEqual(["a", "b"]);
    expect(takeFitting([], 500)).toEqual([]);
  });

  it("are no more than asked for", () => {
    expect(takeFitting(["a", "b", "c"], 2)).toEqual(["a", "b"]);
  });

  it("leave room for a cursor, and little else", () => {
    const entries = takeFitting(
      Array.from({ length: 500 }, () => "é".repeat(150)),
      500,
    );

    const answer = { entries, next_cursor: "x".repeat(LIMITS.answer.cursorBytes) };
    expect(jsonBytes(answer)).toBeLessThanOrEqual(LIMITS.answer.defaultBytes);
    expect(jsonBytes(entries)).toBeGreaterThan(LIMITS.answer.defaultBytes * 0.85);
  });

  it("are measured as readers are shown them", () => {
    const entries = takeFitting(
      Array.from({ length: 500 }, () => ({ title: "\u202e".repeat(100) })),
      500,
    );

    expect(jsonBytes(presented({ entries }))).toBeLessThanOrEqual(LIMITS.answer.defaultBytes);
    expect(entries.length).toBeGreaterThan(10);
  });

  it("are at least one, however large", () => {
    expect(takeFitting(["x".repeat(1000), "y"], 500, 10)).toHaveLength(1);
  });
});
