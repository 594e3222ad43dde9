import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { firstParagraph } from "../../server/access/summary.ts";

describe("the summary of an overview", () => {
  it.each([
    ["", ""],
    ["# Title\n\n\n## More\n", ""],
    ["# Title\n\nWhat it is,\nand why.\n\nMore.\n", "What it is,\nand why."],
    ["# Title\r\n\r\nWhat it is.\r\n \t\r\nMore.\r\n", "What it is."],
    ["# Title\nWhat it is.\n# Next\n", "What it is."],
    ["---\nname: x\n---\n\nWhat it is.\n", "What it is."],
    ["---\nWhat it is.\n", "---\nWhat it is."],
    ["#hashtag\n", "#hashtag"],
    ["a\u202eb", "a\\u{202e}b"],
  ])("of %j is %j", (markdown, summary) => {
    expect(firstParagraph(markdown)).toBe(summary);
  });

  it("is cut, and never in the middle of a secret or a character", () => {
    const { summaryChars } = LIMITS.answer;

    const secret = firstParagraph(`${"x".repeat(summaryChars - 12)} fmai_0123456789abcdef0123456789`);
    const rocket = firstParagraph("x".repeat(summaryChars - 1) + "🚀🚀");

    expect(secret).toBe(`${"x".repeat(summaryChars - 12)} fmai_******…`);
    expect(rocket.isWellFormed()).toBe(true);
  });

  it.each([" ", "\n", "\r", "-", "#", "# ", "\n---", "\n ", "\r\n ", "fmai_", "fm"])(
    "is found at once in 200 kB of %j",
    (piece) => {
      const hostile = `---\n${piece.repeat(200_000 / piece.length)}`;

      expect(firstParagraph(hostile).length).toBeLessThanOrEqual(LIMITS.answer.summaryChars + 1);
      expect(firstParagraph(`a\n${hostile}x`)).toMatch(/^a/);
    },
  );
});
