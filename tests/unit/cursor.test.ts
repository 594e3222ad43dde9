import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { LIMITS } from "../../contract/limits.ts";
import { decodeCursor, encodeCursor } from "../../server/storage/cursor.ts";

describe("cursors", () => {
  it("give back any position", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
        (position) => {
          expect(decodeCursor("knowledge", encodeCursor("knowledge", position), z.string())).toBe(position);
        },
      ),
    );
  });

  it("fit their limit for the longest path", () => {
    const longest = "é".repeat(LIMITS.knowledge.pathBytes / 2);

    expect(encodeCursor("knowledge", longest).length).toBeLessThanOrEqual(LIMITS.answer.cursorBytes);
  });

  it.each([
    ["of another listing", encodeCursor("sessions", "a")],
    ["of another shape", encodeCursor("knowledge", 7)],
    ["that is no JSON", "abc"],
    ["that is empty", ""],
    ["with a foreign alphabet", "ä%%"],
  ])("refuse one %s", (_, cursor) => {
    expect(() => decodeCursor("knowledge", cursor, z.string())).toThrow(
      expect.objectContaining({ code: "invalid_input" }),
    );
  });
});
