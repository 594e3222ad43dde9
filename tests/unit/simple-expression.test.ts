import fc from "fast-check";
import { expect, it } from "vitest";
import { matchingRows } from "../../server/search/ripgrep/ripgrep.ts";
import { isSimpleExpression } from "../../server/search/ripgrep/simple-expression.ts";

const PARTS =
  "a Z 0 _ - , : ; = @ % ' < ! / ~ # & \\. \\* \\{ \\\\ \\$ \\d \\é [a-z] [0-9] [a-f] [z-a] [xyz_] [] [^a] [a-zA-Z0-9] \
   ? * + ?? {3} {3}? {2,} {9}{9} {99} {,2} {3,2} { } ( ) (?i) | ^ $ . é".split(/\s+/);
const source = fc
  .array(fc.constantFrom(...PARTS, " "), { minLength: 1, maxLength: 12 })
  .map((parts) => parts.join(""));

it("is never refused", async () => {
  const checked = new Set<string>(["[a-z]{99}".repeat(9), `(?i)${"k{99}".repeat(9)}`]);
  fc.assert(
    fc.property(source, (expression) => {
      if (isSimpleExpression(expression)) checked.add(expression);
    }),
    { numRuns: 3000, seed: 3 },
  );

  for (const expression of [...checked].slice(0, 150)) await accepts(expression);

  expect(checked.size).toBeGreaterThan(100);
}, 60_000);

it.each(["[a-z]{25}[A-Z]{9}[a-z]{25}", "(?i)exit code \\[[0-9]+", "a??", "E[0-9]{4}_TIME"])(
  "%s is",
  (expression) => {
    expect(isSimpleExpression(expression)).toBe(true);
  },
);

it.each(["(", "[z-a]", "a{3,2}", "a**", "\\w{99}", "[a-z]{99}".repeat(11), "a|b", "\\q", "é"])(
  "%s is not, for all one knows",
  (expression) => {
    expect(isSimpleExpression(expression)).toBe(false);
  },
);

/** Throws when ripgrep refuses it. */
async function accepts(expression: string): Promise<void> {
  const grep = { kind: "regex", patterns: [expression] } as const;
  await Array.fromAsync(matchingRows(grep, [], new AbortController().signal));
}
