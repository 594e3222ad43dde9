import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../../contract/errors.ts";
import { QUERY_FIELDS } from "../../contract/query-fields.ts";
import { formatFilters, formatQuery } from "../../contract/query-format.ts";
import { parseQuery } from "../../contract/query-language.ts";
import { TURN_ROLES } from "../../contract/turn-roles.ts";

describe("a query", () => {
  it("is words, phrases, exclusions and filters, in any order", () => {
    const query = parseQuery(
      'after:2026-11-01 redis -draft "exact  phrase" cache -"old text" machine:laptop',
    );

    expect(query).toMatchObject({
      words: ["redis", "cache"],
      phrases: ["exact phrase"],
      excluded: [
        { text: "draft", isQuoted: false },
        { text: "old text", isQuoted: true },
      ],
    });
    expect(formatFilters(query.filters)).toEqual(["machine:laptop", "after:2026-11-01"]);
  });

  it("has alternatives and negations of a field, in quotes if need be", () => {
    const { filters } = parseQuery(
      'x machine:a machine:"b c" -machine:d MACHINE:a role:User -role:system file:src/*.ts type:sessions',
    );

    expect(filters).toMatchObject({
      machine: { only: ["a", "b c"], not: ["d"] },
      role: { only: ["user"], not: ["system"] },
      file: { only: ["src/*.ts"], not: [] },
      type: ["session"],
    });
  });

  it.each([
    ["git rebase -i HEAD~3"],
    ["rm -rf node_modules && ls -la"],
    ["npm run build --if-present -- --watch"],
    ["cmake -DCMAKE_BUILD_TYPE=Release -I/usr/include -O2 -std=c++20"],
    ["exit code -1073741819 -> crashed"],
    ["- a lone dash -- and two"],
    ["std::string tool::run Role::Admin file::open"],
    ["http://x.test:8080/a?b=c file:///home/me/a.ts:12:5 C:\\src\\a.ts"],
    ["error[E0308]: mismatched types"],
    ["Error: file: not found, tool: none"],
    ['{"error":"not_found","code":404}'],
    ['printf("%d\\n", x) foo="bar" don\'t 5"'],
    ["time:12:00 rule:no-undef took:12ms alter:x later:y"],
    ["AND OR NOT NEAR(a, b) title:x a* ^b (c) {d} + e"],
    ["foo:bar -foo:bar"],
    ["：“”"],
  ])("that people paste stays words: %s", (text) => {
    const { words, phrases, excluded, filters } = parseQuery(text);

    expect(words.join(" ")).toBe(text);
    expect([...phrases, ...excluded, ...formatFilters(filters)]).toEqual([]);
  });

  it.each([
    ["-draft x", "draft"],
    ["x -draft,", "draft"],
    ["x -node.js", "node.js"],
    ["x -write_token", "write_token"],
    ["x -测试", "测试"],
    ["x -Straße", "Straße"],
  ])("leaves out a word after one dash: %s", (text, word) => {
    expect(parseQuery(text)).toMatchObject({ words: ["x"], excluded: [{ text: word, isQuoted: false }] });
  });

  it.each([
    ['“with "quotes" inside” x', ['with "quotes" inside']],
    ["„deutsche Art“ x", ["deutsche Art"]],
    ['"a""b" x', ["a", "b"]],
    ['"two\n lines" x', ["two lines"]],
    ['"AND" "NEAR(" x', ["AND", "NEAR("]],
  ])("takes what stands in quotes as it is: %s", (text, phrases) => {
    expect(parseQuery(text)).toMatchObject({ phrases, words: ["x"] });
  });
});

describe("a bad query", () => {
  it.each([
    ['say "hello', 'the quote before "hello" has no end'],
    ['project:"my app x', 'the quote before "my" has no end'],
    ['x "', "the quote before the end has no end"],
    ['x ""', "nothing between the quotes"],
    ['x -" "', "nothing between the quotes"],
    ["-draft", "nothing to look for: add a word"],
    ["machine:laptop after:7d", "nothing to look for: add a word"],
    ["x role:admin", 'role: takes user, assistant, thinking, tool_call, tool_result, system, not "admin"'],
    ["x type:image", 'type: takes knowledge or session, not "image"'],
    ["x workspace:Not/An/Id", "workspace: not a workspace id"],
    ["x machine:--", "machine: a name needs at least one letter or digit"],
    ["x type:knowledge role:user", "role: is for sessions"],
    ["x after:7d after:2d", "after: stands there twice"],
    ["x -before:2026-01-01", "-before: cannot be turned round"],
    ["x -type:session", "-type: cannot be turned round"],
    ["x afer:2026-01-01", 'there is no field "afer:". Did you mean "after:"?'],
    ['x projct:"my app"', 'Did you mean "project:"?'],
    ["x -worksapce:a-b-c", 'Did you mean "workspace:"?'],
    ["x files:a.ts", 'Did you mean "file:"?'],
    ["x mahcine:a", 'Did you mean "machine:"?'],
  ])("is explained: %s", (text, reason) => {
    expect(() => parseQuery(text)).toThrow(
      expect.objectContaining({ code: "invalid_input", message: expect.stringContaining(reason) }),
    );
  });
});

it.each(["file:cart.ts", "after:7d", "-draft"])(
  "of nothing but %s is not sent to mode literal, which would look for these characters",
  (text) => {
    expect(refusalOf(text)).toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining("add a word"),
      hint: expect.stringMatching(
        /only narrow a search.* listed.* literal would look for these very characters/,
      ),
    });
  },
);

/** Pieces that mean something, and some that only look so. */
const PIECES = [
  ...QUERY_FIELDS.map((field) => `${field}:`),
  ...TURN_ROLES,
  ..."\"“”„-:*\\/()^+{}' \t\n".split(""),
  ..."a b knowledge session 7d 2026-11-01 laptop-claude-x AND NOT NEAR afer: ü 测试 \u0000 \u200b \ud800".split(
    " ",
  ),
];
const hostile = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join("")),
  fc.string({ unit: "binary", maxLength: 100 }),
);

describe("any text", () => {
  it("is understood, or refused in words that say what to change", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const refusal = refusalOf(text);

        if (refusal === undefined) return;
        expect(refusal).toBeInstanceOf(AppError);
        expect(refusal).toMatchObject({ code: "invalid_input", hint: expect.stringContaining("literal") });
        expect(refusal).toHaveProperty("message", expect.stringMatching(/^query: .{10}/s));
      }),
      { numRuns: 5000 },
    );
  });

  it("means the same when it is written anew", () => {
    let understood = 0;
    fc.assert(
      fc.property(hostile, (text) => {
        fc.pre(refusalOf(text) === undefined);
        understood += 1;
        const query = parseQuery(text);

        const again = parseQuery(formatQuery(query));

        expect(again).toEqual(query);
      }),
      { numRuns: 2000 },
    );
    expect(understood).toBeGreaterThanOrEqual(2000);
  });
});

function refusalOf(text: string): unknown {
  try {
    parseQuery(text);
    return undefined;
  } catch (error) {
    return error;
  }
}
