import fc from "fast-check";
import { expect, it } from "vitest";
import { fold } from "../../server/index/text/fold.ts";
import { rawPatternOf, requiredLiterals } from "../../server/index/literals/literals.ts";
import { matchingRows } from "../../server/search/ripgrep/ripgrep.ts";

it.each([
  ["E\\d{4}_TIME(OUT|R)", [["_timeout", "_timer"]]],
  ["^exit code \\d+$", [["exit code "]]],
  ["https?://x", [["https://x", "http://x"]]],
  ["[Ee]rror", [["error"]]],
  ["(?i)ERROR", [["error"]]],
  ["(?i)naïve", undefined],
  ["(?i)naïve straße", [["ve stra"]]],
  ["foo.*barn", [["barn"], ["foo"]]],
  ["(foo|ba)+", undefined],
  ["(foo|bar)+x?", [["foo", "bar"]]],
  ["(alpha.*|\\d+beta)gamma", [["gamma"], ["alpha", "beta"]]],
  ["(alpha.*|\\d+beta)", [["alpha", "beta"]]],
  ["a{3}b", [["aaab"]]],
  ["ab{2,}c", [["abb"]]],
  ["colou?r", [["color", "colour"]]],
  ["\\.env\\b\\x41", [[".enva"]]],
  ["\\bé\\u{754c}ß", [["é界ß"]]],
  ["[]ab]xyz", [["]xyz", "axyz", "bxyz"]]],
  ["[[:alpha:]]]xyz", [["]xyz"]]],
  ["(?P<name>word)(?<other>s)", [["words"]]],
  ["(?-i)Word", [["word"]]],
  ["a(?i)bc|d", undefined],
  ["(?x)w o r d", undefined],
  ["abc(?x: d e f)", undefined],
  ["\\d+\\s\\w", undefined],
  ["", undefined],
  ["(", undefined],
  ["a**", undefined],
  ["abc\\", undefined],
  ["abc\\q", undefined],
  ["[abc", undefined],
  ["abc|", undefined],
  ["(((abc){9}){9}){9}", [["abc".repeat(18)], ["abc".repeat(9)]]],
  ["((((((((abc.){9}){9}){9}){9}){9}){9}){9}){9}", [["abc"]]],
])("%s", (source, clauses) => {
  const found = requiredLiterals(source);

  expect(found?.map((clause) => clause.toSorted())).toEqual(clauses?.map((clause) => clause.toSorted()));
});

/** An expression with a text that it matches. */
interface Sample {
  source: string;
  text: string;
}

const CHARACTERS = [
  "a",
  "b",
  "c",
  "C",
  "s",
  "S",
  "ſ",
  "k",
  "K",
  "\u212a",
  "i",
  "İ",
  "é",
  "É",
  "σ",
  "ς",
  "界",
  "😀",
  " ",
  "_",
  "]",
  "}",
];
const character = fc.constantFrom(...CHARACTERS);
const single: fc.Arbitrary<Sample> = fc.oneof(
  { arbitrary: character.map((text) => ({ source: text, text })), weight: 6 },
  character.map((text) => ({ source: `\\u{${(text.codePointAt(0) ?? 0).toString(16)}}`, text })),
  fc.constantFrom(".", "\\.", "\\*").map((source) => ({ source, text: source.at(-1) ?? "" })),
  fc.constantFrom("[0-9]{4}", "\\d{3}", "[A-Z0-9_]{3,}").map((source) => ({ source, text: "7777" })),
  fc.constantFrom("\\b", "^", "(?i)", "(?-i)", "\\B", "()").map((source) => ({ source, text: "" })),
  fc
    .constantFrom("\\d", "\\pN", "[[:digit:]]", "[0-9]", "[^a-z]", "[\\d&&[^5]]")
    .map((source) => ({ source, text: "7" })),
  fc
    .uniqueArray(fc.constantFrom("a", "b", "c", "S", "k", "_", "é", "ſ"), { minLength: 1, maxLength: 6 })
    .map((members) => ({
      source: `[${members.join("")}]`,
      text: members[0] ?? "",
    })),
);
const repeats = fc.constantFrom(
  ["?", 0],
  ["?", 1],
  ["*", 0],
  ["*", 2],
  ["+", 1],
  ["+", 3],
  ["{2}", 2],
  ["{1,3}", 2],
  ["{2,}?", 2],
  ["{,2}", 1],
);
const { sample } = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { arbitrary: single, weight: 3 },
    fc.array(fc.oneof(single, tie("sample")), { minLength: 1, maxLength: 8 }).map((parts) => ({
      source: parts.map(({ source }) => source).join(""),
      text: parts.map(({ text }) => text).join(""),
    })),
    fc.tuple(tie("sample"), tie("sample")).map(([first, second]) => ({
      source: `(${first.source}|${second.source})`,
      text: second.text,
    })),
    fc.tuple(tie("sample"), repeats).map(([{ source, text }, [sign, times]]) => ({
      source: `(?:${source})${sign}`,
      text: text.repeat(times),
    })),
    fc.tuple(tie("sample"), fc.constantFrom("(?i:", "(?P<n>", "(?s-i:")).map(([{ source, text }, begin]) => ({
      source: `${begin}${source})`,
      text,
    })),
  ),
}));
const swapped = fc.tuple(sample, fc.func(fc.boolean())).map(([{ source, text }, isSwapped]) => ({
  source,
  text: Array.from(text, (letter, index) => (isSwapped(index, letter) ? letter.toUpperCase() : letter)).join(
    "",
  ),
}));

it.each([
  ["[a-z]{25}[A-Z]{9}[a-z]{25}", `xABCDEFGHI${"z".repeat(15)}`, `xABCDEFGHI${"z".repeat(14)}`],
  ["[A-Z]{9}", "xABCDEFGHI", "xABCDEFGHx"],
  ["[0-9a-f]{40}", "0123".repeat(6), "0123".repeat(5)],
  ["\\bE\\d{4}_X", "E1234_X", "E123_X"],
  ["E\\d{4}", "E12\u0663", "e1234"],
  ["(?i)task-?77", "ta\u017fk", "tas77"],
  ["(foo|bar.*)X[0-9]{2,}Y", "X00", "X0Y"],
])("tell by raw bytes where %s can match", (source, yes, no) => {
  const pattern = new RegExp(rawPatternOf(source) ?? "no pattern");

  expect(spellingsOf(yes).map((json) => pattern.test(json))).toEqual([true, true]);
  expect(spellingsOf(no).map((json) => pattern.test(json))).toEqual([false, false]);
});

it("tell nothing of lines in which two names may be joined by raw bytes", () => {
  const pattern = new RegExp(rawPatternOf("[a-z_]{3}[A-Z]{9}") ?? "no pattern");

  const call = { type: "function_call", namespace: "mcp", name: "ABCDEFGHI", arguments: "{}" };
  expect(JSON.stringify({ type: "response_item", payload: call })).toMatch(pattern);
});

it.each([
  "\\d{8}",
  "\\d{4}-\\d{2}-\\d{2}",
  "[a-z]+",
  ".*",
  "\\w{30}",
  "a b c d e",
  "[^a]{9}",
  "(abc|XYZ)",
  "(ABC)?",
  '""""',
  "(",
])("tell nothing of %s by raw bytes", (source) => {
  expect(rawPatternOf(source)).toBeUndefined();
});

it("stand in whatever ripgrep matches", async () => {
  const noise = fc.string({ unit: character, maxLength: 6 });
  let tested = 0;
  await fc.assert(
    fc.asyncProperty(swapped, noise, noise, async ({ source, text }, before, after) => {
      const [clauses, pattern] = [requiredLiterals(source), rawPatternOf(source)];
      fc.pre(clauses !== undefined || pattern !== undefined);
      const lines = [
        text,
        `${before}${text}${after}`,
        text.toLowerCase(),
        text.toUpperCase(),
        `${before}${after}`,
      ];

      const rows = await rowsWithMatch(source, lines);

      tested += rows.length;
      for (const row of rows) {
        const folded = fold(lines[row - 1] ?? "");
        for (const clause of clauses ?? [])
          expect(clause.some((literal) => folded.includes(literal))).toBe(true);
        for (const json of spellingsOf(lines[row - 1] ?? "")) expect(json).toMatch(new RegExp(pattern ?? ""));
      }
    }),
    { numRuns: 400 },
  );
  expect(tested).toBeGreaterThan(200);
}, 60_000);

/** The bytes of a line's JSON as clients write it, one that keeps to ASCII too; a byte is a character. */
function spellingsOf(line: string): string[] {
  const json = JSON.stringify({ text: line });
  const ascii = json.replaceAll(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return [Buffer.from(json).toString("latin1"), ascii];
}

async function rowsWithMatch(source: string, lines: readonly string[]): Promise<number[]> {
  const text = new TextEncoder().encode(`${lines.join("\n")}\n`);
  try {
    const rows = await Array.fromAsync(
      matchingRows({ kind: "regex", patterns: [source] }, [text], new AbortController().signal),
    );
    return rows.map(({ row }) => row);
  } catch {
    // Refused, for example because a group's name stands twice in it.
    return [];
  }
}
