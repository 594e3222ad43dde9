import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pageOfText } from "../../server/access/text-page.ts";

describe("a page of text", () => {
  it("gives the asked lines and says where to go on", () => {
    expect(pageOfText("a\nb\nc\nd", { from_line: 2, max_lines: 2 })).toEqual({
      text: "b\nc",
      fromLine: 2,
      lines: 4,
      nextLine: 4,
    });
    expect(pageOfText("a\nb", {})).toEqual({ text: "a\nb", fromLine: 1, lines: 2 });
  });

  it("cuts a line that is longer than a page, between two characters", () => {
    expect(pageOfText("日本語", { max_bytes: 7 })).toEqual({
      text: "日本",
      fromLine: 1,
      lines: 1,
      nextLine: 1,
      nextChar: 2,
    });
    expect(pageOfText("日本語", { max_bytes: 7, from_line: 1, from_char: 2 })).toEqual({
      text: "語",
      fromLine: 1,
      lines: 1,
    });
    expect(pageOfText("🚀🚀", { max_bytes: 2 }).text).toBe("🚀");
  });

  it("loses and repeats nothing: pages put together are the text", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "é", "日", "🚀", "\n", "\r", " "), maxLength: 200 });

    fc.assert(
      fc.property(
        text,
        fc.integer({ min: 4, max: 40 }),
        fc.integer({ min: 1, max: 5 }),
        (whole, max_bytes, max_lines) => {
          let joined = "";
          let range: { from_line?: number; from_char?: number } = {};
          for (;;) {
            const page = pageOfText(whole, { ...range, max_bytes, max_lines });
            joined += page.text;
            if (page.nextLine === undefined) break;
            if (page.nextChar === undefined) joined += "\n";
            range = {
              from_line: page.nextLine,
              ...(page.nextChar !== undefined && { from_char: page.nextChar }),
            };
          }
          expect(joined).toBe(whole);
        },
      ),
    );
  });
});
