import fc from "fast-check";
import { expect, it } from "vitest";
import { fold } from "../../server/index/text/fold.ts";
import { rawPattern } from "../../server/search/scan/raw-pattern.ts";
import { RawHint } from "../../server/search/scan/raw-hint.ts";

const line = (text: string) =>
  `${JSON.stringify({ type: "user", message: { role: "user", content: text } })}\n`;
/** As clients write it that keep to ASCII. */
const escaped = (text: string) =>
  line(text).replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
/** As no client does. */
const allEscaped = (text: string) => {
  const units = Array.from(text, (letter) => (/[\w-]/.test(letter) ? `\\u00${hexOf(letter)}` : letter));
  return line("@").replace("@", () => JSON.stringify(units.join("")).slice(1, -1).replaceAll("\\\\u", "\\u"));
};
const hexOf = (letter: string) => letter.charCodeAt(0).toString(16);

const character = fc.constantFrom(
  "a",
  "B",
  "s",
  "S",
  "ſ",
  "k",
  "\u212a",
  "i",
  "I",
  "İ",
  "7",
  " ",
  "-",
  '"',
  "\\",
  "\n",
  "é",
  "界",
  "向",
  "タ",
  "한",
  "𠮷",
  "😀",
);
const spelling = fc.constantFrom(line, escaped, allEscaped);
const text = fc.string({ unit: character, minLength: 1, maxLength: 12 });

it("lets every line through that holds what is looked for, however its JSON is written", () => {
  fc.assert(
    fc.property(text, text, text, spelling, (before, looked, after, written) => {
      const needle = fold(looked);
      const lines = [written(before), written(`${before}${looked}${after}`), written(after)];

      const worth = new RawHint({ kind: "literal", needles: [needle], want: 1 }, {}).worth(
        Buffer.from(lines.join("")),
      );

      expect([...worth]).toContain(Buffer.byteLength(lines[0] ?? ""));
    }),
    { numRuns: 2000 },
  );
});

it("passes over lines that cannot hold it", () => {
  const lines = [line("nothing"), line("The Deadline 幂等"), line("nothing")];
  const data = Buffer.from(lines.join(""));
  const second = Buffer.byteLength(lines[0] ?? "");

  for (const needle of ["deadline", "幂等", "a deadline", "disk"]) {
    const worth = new RawHint({ kind: "literal", needles: [needle], want: 1 }, {}).worth(data);

    expect([...worth]).toEqual(needle === "disk" ? [] : [second]);
  }
});

it("knows the lines of long data too, and those that are long themselves", () => {
  const lines = Array.from({ length: 40 }, (_, index) =>
    line(`${"x".repeat(index === 20 ? 200_000 : 9000)} ${index % 3 === 0 ? "deadline" : "nothing"}`),
  );
  const starts = lines.map((_, index) => lines.slice(0, index).join("").length);

  const worth = new RawHint({ kind: "literal", needles: ["deadline"], want: 1 }, {}).worth(
    Buffer.from(lines.join("")),
  );

  expect([...worth]).toEqual(starts.filter((_, index) => index % 3 === 0));
});

it("finds by a run of one class the lines that the whole expression matches", () => {
  const expression = "[BC]".repeat(6) + "[a-z]".repeat(2);
  const letters = fc.string({ unit: fc.constantFrom("B", "C", "C", "B", "x", "7", "\n"), maxLength: 80 });
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 6 }), (pieces) => {
      const lines = `${pieces.join("CBCBCCax")}\n`.split(/(?<=\n)/);
      const starts = lines.map((_, index) => lines.slice(0, index).join("").length);

      const worth = new RawHint({ kind: "text", hint: expression }, {}).worth(Buffer.from(lines.join("")));

      const isMatch = (index: number) => new RegExp(expression).test(lines[index] ?? "");
      expect([...worth]).toEqual(starts.filter((_, index) => isMatch(index)));
    }),
    { numRuns: 500 },
  );
});

it("lets every line through for words that no transcript holds", () => {
  const data = Buffer.from(line("nothing"));

  const starts = [
    new RawHint({ kind: "literal", needles: ["conversation"], want: 1 }, {}),
    new RawHint({ kind: "text", hint: "[C]onver" }, {}),
    new RawHint({ kind: "text", hint: "Error" }, {}),
  ].map((hint) => [...hint.worth(data)]);

  expect(starts).toEqual([[0], [0], [0]]);
});

it.each(["", "ab", '"\\', "é", "--", "1000", "1e3", "n: 1000", "12345678901234567890"])(
  "has no pattern for %j",
  (needle) => {
    expect(rawPattern(needle)).toBeUndefined();
  },
);

it.each([
  ["error 1000", "error"],
  ["e1234x", "e1234x"],
  ["123456789012345678901234", "123456789012345678901234"],
])("takes no number for a text, and %j is none", (needle, pattern) => {
  expect(rawPattern(needle)).toBe(pattern);
});
