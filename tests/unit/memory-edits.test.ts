import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { clipped } from "../../memory-tool/clipped-text.ts";
import { insertAfter, replaceOnce } from "../../memory-tool/edit.ts";
import { imageTypeOf } from "../../memory-tool/image.ts";
import { humanSize, listing } from "../../memory-tool/listing.ts";
import { numbered } from "../../memory-tool/numbered-lines.ts";
import { occurrences } from "../../memory-tool/occurrences.ts";
import { bytesOf, textOf } from "../../memory-tool/text-bytes.ts";

const { viewChars, namedLines } = LIMITS.memories;

describe("a replacement", () => {
  it.each([
    ["in the middle", "a\nb\nc", "b", "x", "a\nx\nc", 2, 2],
    ["across lines", "a\nb\nc\nd", "b\nc", "x", "a\nx\nd", 2, 2],
    ["by more lines", "a\nb\nc", "b", "x\ny\nz", "a\nx\ny\nz\nc", 2, 4],
    ["by nothing", "a\nb\nc", "b\n", "", "a\nc", 2, 2],
    ["of all", "abc", "abc", "", "", 1, 1],
    ["literally", "a(b)*c", "(b)*", "$&$1$$$`", "a$&$1$$$`c", 1, 1],
    ["of one end of a CRLF line only", "a\r\nb\r\n", "a", "x", "x\r\nb\r\n", 1, 1],
    ["with a byte order mark before it", "\ufeffa\nb", "b", "c", "\ufeffa\nc", 2, 2],
  ])("goes %s", (_, text, old, put, expected, firstLine, lastLine) => {
    expect(replaceOnce(text, { old, new: put })).toEqual({ text: expected, firstLine, lastLine });
  });

  it.each([
    ["twice in one line", "x a a", "a", [1]],
    ["overlapping", "aaa", "aa", [1]],
    ["overlapping across lines", "b\na\na\na\n", "a\na\n", [2, 3]],
    ["in several lines, each named once", "a a\nb\na\n", "a", [1, 3]],
  ])("is refused where the text stands %s", (_, text, old, lines) => {
    expect(replaceOnce(text, { old, new: "x" })).toEqual({ lines });
  });

  it("is refused where the text is not there", () => {
    expect(replaceOnce("a\nb", { old: "a b", new: "x" })).toEqual({ missing: true });
  });

  it("names no more lines than tell that there are more", () => {
    const result = replaceOnce("a\n".repeat(5000), { old: "a", new: "x" });

    expect(result).toEqual({ lines: Array.from({ length: namedLines + 1 }, (_, index) => index + 1) });
  });
});

describe("the occurrences of a text", () => {
  it("are those that a look at every place finds", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 40 });
    const finds = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 6 });

    fc.assert(
      fc.property(letters, finds, (text, find) => {
        const places = Array.from(text, (_, at) => at).filter((at) => text.startsWith(find, at));

        expect([...occurrences(text, { find })]).toEqual(places);
      }),
    );
  });

  it("are found without trying every place anew", () => {
    const half = "a".repeat(LIMITS.knowledge.fileBytes / 4);

    // `indexOf` takes minutes for this.
    expect([...occurrences("a".repeat(LIMITS.knowledge.fileBytes), { find: `${half}b${half}` })]).toEqual([]);
  });
});

describe("an insertion", () => {
  it.each([
    ["at the beginning", "a\nb\n", 0, "x", "x\na\nb\n"],
    ["in the middle", "a\nb\n", 1, "x", "a\nx\nb\n"],
    ["at the end", "a\nb", 2, "x", "a\nb\nx"],
    ["behind the last line end", "a\n", 2, "x", "a\n\nx"],
    ["without its last line end", "a\nb\n", 1, "x\ny\n", "a\nx\ny\nb\n"],
    ["with all but its last line end", "a\n", 0, "x\n\n", "x\n\na\n"],
    ["between CRLF lines, which stay", "a\r\nb\r\n", 1, "x\r\n", "a\r\nx\r\nb\r\n"],
    ["into an empty file", "", 0, "x", "x\n"],
    ["of nothing, as an empty line", "a\nb", 1, "", "a\n\nb"],
  ])("goes %s", (_, text, line, inserted, expected) => {
    expect(insertAfter(text, { line, inserted })).toEqual({ text: expected });
  });

  it.each([
    ["a\nb\n", -1, 3],
    ["a\nb\n", 4, 3],
    ["", 2, 1],
  ])("into %j is refused behind line %i of %i", (text, line, range) => {
    expect(insertAfter(text, { line, inserted: "x" })).toEqual({ range });
  });
});

describe("numbered lines", () => {
  it.each([
    [9, "     9\ta"],
    [999_999, "999999\ta"],
  ])("begin with the number %i in six places", (first, row) => {
    expect(numbered(["a"], { first, all: 999_999 })).toBe(row);
  });

  it("are all shown at the limit of characters, and one less past it", () => {
    const rest = "b".repeat(viewChars - "     1\ta\n     2\t".length);
    const truncation = "[Truncated: lines 1-1 of 2 are shown. Use view_range to see more]";

    expect(numbered(["a", rest], { first: 1, all: 2 })).toHaveLength(viewChars);
    expect(numbered(["a", `${rest}b`], { first: 1, all: 2 })).toBe(`     1\ta\n${truncation}`);
  });

  it("are clipped where one alone is too long, but not within a character", () => {
    const text = numbered(["\u{1f600}".repeat(viewChars), "b"], { first: 1, all: 2 });

    expect(text).toMatch(/^ {5}1\t(?:\u{1f600})+…\n\[Truncated: line 1 of 2 is too long/u);
    expect(text.isWellFormed()).toBe(true);
  });
});

describe("a clipped text", () => {
  it.each([
    ["abc", 3, "abc"],
    ["abcd", 3, "ab…"],
    ["a\u{1f600}bc", 3, "a…"],
    ["", 0, ""],
  ])("of %j to %i is %j", (text, chars, expected) => {
    expect(clipped(text, chars)).toBe(expected);
  });
});

describe("a listing", () => {
  it.each([
    [0, "0B"],
    [1, "1B"],
    [1023, "1023B"],
    [1024, "1.0K"],
    [1536, "1.5K"],
    [4096, "4.0K"],
    [1024 * 1024 - 1, "1.0M"],
    [1.25 * 1024 * 1024, "1.3M"],
    [5 * 1024 ** 3, "5.0G"],
    [5000 * 1024 ** 3, "5000.0G"],
  ])("shows %i bytes as %s", (bytes, shown) => {
    expect(humanSize(bytes)).toBe(shown);
  });

  it("leaves out what is hidden, and node_modules, with all below, but counts their bytes", () => {
    const entries = ["a", "a/.b", "a/c", "a/node_modules", "node_modules", "node_modules/x"].map((path) => {
      return { path, kind: "file", bytes: 1 } as const;
    });

    const shown = listing("", entries).split("\n").slice(1);

    expect(shown).toEqual(["2B\t/memories", "1B\t/memories/a", "1B\t/memories/a/c"]);
  });

  it("shows as many entries as there is room for, and says how many there are", () => {
    const entries = Array.from({ length: 100 }, (_, at) => {
      return { path: String(at).padStart(146, "x"), kind: "file", bytes: 1 } as const;
    });
    const most = viewChars / 160;

    const all = listing("", entries.slice(0, most)).split("\n");
    const part = listing("", [...entries, ...entries]).split("\n");

    expect(all).toHaveLength(most + 2);
    expect(part).toHaveLength(most + 3);
    expect(part.at(-1)).toBe(
      "[Truncated: 100 of 200 entries are shown. View a folder of it to see what is in there]",
    );
  });
});

describe("a file's bytes", () => {
  it.each([
    ["text", "a\r\n\u{1f600}\ufeff"],
    ["nothing", ""],
  ])("are %s and back", (_, text) => {
    expect(textOf(bytesOf(text))).toBe(text);
  });

  it.each([
    ["NUL", Buffer.from("a\0b")],
    ["half a character", Buffer.from([0xc3])],
    ["a surrogate", Buffer.from([0xed, 0xa0, 0x80])],
  ])("are no text with %s", (_, bytes) => {
    expect(textOf(bytes)).toBe(undefined);
  });

  it.each(["a\0b", "a\ud800"])("are not made of %j, which is no text", (text) => {
    expect(() => bytesOf(text)).toThrow("NUL or half a character");
  });

  it("are as many as a knowledge file may have, and no more", () => {
    const most = "x".repeat(LIMITS.knowledge.fileBytes);

    expect(bytesOf(most)).toHaveLength(LIMITS.knowledge.fileBytes);
    expect(() => bytesOf(`${most}x`)).toThrow("Maximum is 1048576 bytes");
  });

  it.each([
    ["a.png", "89504e470d0a1a0a00", "image/png"],
    ["a/B.PNG", "89504e470d0a1a0a00", "image/png"],
    ["a.jpg", "ffd8ffe0", "image/jpeg"],
    ["a.jpeg", "ffd8ffe0", "image/jpeg"],
    ["a.png", "ffd8ffe0", undefined],
    ["a.png", "8950", undefined],
    ["a.md", "ffd8ffe0", undefined],
  ])("are an image by name and beginning: %s %s", (path, hex, mimeType) => {
    expect(imageTypeOf(path, Buffer.from(hex, "hex"))).toBe(mimeType);
  });
});
