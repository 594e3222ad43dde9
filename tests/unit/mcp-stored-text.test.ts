import { describe, expect, it } from "vitest";
import { fenced, lineSpan } from "../../server/mcp/stored-text.ts";

const SOURCE = "memory://w/overview.md: version 1";

/** What stands between the marks. */
function inside(text: string): string | undefined {
  const mark = /\n<<< (\S+)\n/.exec(text)?.[1] ?? "";
  return text.split(`<<< ${mark}\n`)[1]?.split(`\n>>> ${mark}`)[0];
}

describe("fenced text", () => {
  it("begins with the server's line and keeps the text as it is", () => {
    const answer = fenced({ source: SOURCE, text: "# Title\r\n\n- a\n" });

    expect(answer.split("\n")[0]).toBe(SOURCE);
    expect(inside(answer)).toBe("# Title\r\n\n- a\n");
  });

  it("has another mark every time, so that stored text cannot close it", () => {
    const first = fenced({ source: SOURCE, text: "x" });
    const forged = fenced({ source: SOURCE, text: first });

    expect(inside(forged)).toBe(first);
  });

  it("says behind the text what was left out", () => {
    const answer = fenced({ source: SOURCE, text: "x", more: "More follows." });

    expect(answer).toMatch(/\n>>> \S+\nMore follows\.$/);
  });
});

describe("the span of lines", () => {
  it.each([
    [1, 1, 1, "line 1 of 1"],
    [41, 80, 120, "lines 41-80 of 120"],
    [7, 6, 6, "no lines from 7 on; it has 6"],
  ])("%i to %i of %i", (first, last, total, words) => {
    expect(lineSpan(first, last, total)).toBe(words);
  });
});
