import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyInsertions, removeInsertions, type Insertion } from "../../client/edit/insertions.ts";
import { jsonEdit } from "../../client/edit/json-edit.ts";
import { hitsOf } from "../../client/edit/json-hits.ts";
import { planJson, type JsonWant } from "../../client/edit/json-insert.ts";
import { withoutJson } from "../../client/edit/json-take-out.ts";
import { valueOf } from "../../client/edit/json-value.ts";
import { parseJsonc, type Json, type JsonNode } from "../../client/edit/jsonc.ts";
import { takeOut } from "../../client/edit/take-out.ts";
import { LIMITS } from "../../contract/limits.ts";
import { sha256 } from "../../disk/digest.ts";
import { hookWant, serverWant } from "../support/edit-lab.ts";

describe("parseJsonc", () => {
  it.each([
    ["{}", {}],
    ['\uFEFF{ "a": [1, -2.5e3, true, null, "x"] }', { a: [1, -2500, true, null, "x"] }],
    ['// one\n{ /* two */ "a" /**/ : // three\n 1 /* four */, }\n// five', { a: 1 }],
    ["[1,2,]", [1, 2]],
    ['{"a":1,"a":2}', { a: 2 }],
    ['{"\\u0061":"\\ud83d\\ude00\\n"}', { a: "😀\n" }],
    ['{"//":"/* no comment */"}', { "//": "/* no comment */" }],
    ['{"a":"\u2028\u0085"}', { a: "\u2028\u0085" }],
    ["0", 0],
  ])("reads %j", (text, value) => {
    const { root, faults } = parseJsonc(text);

    expect(faults).toEqual([]);
    expect(root && valueOf(root)).toEqual(value);
  });

  it.each([
    ["{", "line 1: it ends too early"],
    ['{"a" 1}', "line 1: a colon is missing"],
    ["{a: 1}", "line 1: no JSON value"],
    ['{"a": 01}', "line 1: no JSON value"],
    ['{\n"a": 1\n"b": 2}', "line 3: a comma is missing"],
    ["{,}", "line 1: no JSON value"],
    ["[1,,2]", "line 1: no JSON value"],
    ['{"a": "\\x"}', "line 1: no JSON value"],
    ['{"a": "x\ny"}', "line 1: no JSON value"],
    ["{} {}", "line 1: something stands behind the end"],
    ["{} /* open", "line 1: a comment that does not end"],
    ["{]", "line 1: no JSON value"],
    ["undefined", "line 1: no JSON value"],
    ["\uFEFF\uFEFF{}", "line 1: no JSON value"],
  ])("refuses %j", (text, fault) => {
    expect(parseJsonc(text)).toMatchObject({ root: undefined, faults: [fault] });
  });

  it.each(["", " \n", "\uFEFF", "// a comment", "/* two\nlines */\n"])("finds nothing in %j", (text) => {
    expect(parseJsonc(text)).toMatchObject({ root: undefined, faults: [] });
  });

  it("follows values in each other as deep as is allowed", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

    const [allowed, tooDeep] = [LIMITS.client.editedDepth + 1, 100_000].map((depth) =>
      parseJsonc(nested(depth)),
    );

    expect(allowed?.faults).toEqual([]);
    expect(tooDeep?.faults).toEqual(["line 1: nested too deep"]);
  });

  it("knows where every value stands, whatever stands between them", () => {
    fc.assert(
      fc.property(jsoncDocument(), (text) => {
        const { root } = parseJsonc(text);

        expect(root).toBeDefined();
        for (const node of root === undefined ? [] : nodesIn(root)) {
          const part = parseJsonc(text.slice(node.offset, node.offset + node.length));
          expect(part.root && valueOf(part.root)).toEqual(valueOf(node));
        }
      }),
    );
  });

  it("reads as JSON.parse does", () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), (text) => {
        const { root } = parseJsonc(text);

        expect(isDeepStrictEqual(root && valueOf(root), JSON.parse(text))).toBe(true);
      }),
    );
  });
});

describe("a plan for any document", () => {
  const wants = [hookWant("SessionEnd", 30), hookWant("Stop", 30), serverWant];

  it("adds ours and nothing else, once, and goes back to every byte", () => {
    let planned = 0;

    fc.assert(
      fc.property(jsoncDocument(), (text) => {
        const plan = planJson(text, wants);
        if (plan.state !== "insert") return;
        planned += 1;
        const after = applyInsertions(text, plan.insertions);

        expect(content(after)).toEqual(sum(content(text), wants));
        expect(planJson(after, wants)).toEqual({ state: "already" });
        expect(removeInsertions(after, plan.insertions)).toBe(text);
        const rest = withoutJson(after, wants, plan.made);
        expect(rest !== "nothing" && "text" in rest ? content(rest.text) : rest).toEqual(content(text) ?? {});
      }),
      { numRuns: 500 },
    );

    expect(planned).toBeGreaterThan(100);
  });

  it("leaves just what others add before ours, between the members or behind the end", () => {
    const how = new Set<string>();

    fc.assert(
      fc.property(jsoncDocument(), fc.nat(), (text, choice) => {
        const plan = planJson(text, wants);
        if (plan.state !== "insert") return;
        const installed = applyInsertions(text, plan.insertions);
        const spots = spotsOf(text);
        const spot = spots[choice % spots.length] ?? 0;
        const changed = withNote(installed, spot + lengthBefore(plan.insertions, spot));

        const rest = takeOut(changed, [{ ...plan, after_sha256: sha256(installed) }], jsonEdit(wants));

        expect(rest).toMatchObject({ text: withNote(text, spot) });
        if (rest !== "nothing" && "how" in rest) how.add(rest.how);
      }),
      { numRuns: 500 },
    );

    expect([...how]).toContain("each");
  });

  it("leaves what others add to ours, in front of it or behind it", () => {
    const groups = fc.array(fc.constantFrom('{"hooks":[]}', "1", '{"hooks":[{"command":"x"}]}'), {
      maxLength: 2,
    });
    let planned = 0;

    fc.assert(
      fc.property(jsoncDocument(), groups, groups, (text, front, behind) => {
        const plan = planJson(text, wants);
        if (plan.state !== "insert") return;
        planned += 1;
        const installed = applyInsertions(text, plan.insertions);
        const { root } = parseJsonc(installed);
        const [hit] = root === undefined ? [] : hitsOf(root, hookWant("Stop", 30));
        const step = hit?.steps[0];
        if (step === undefined) throw new Error("ours is there");
        const [start, end] = [step.member.offset, step.member.value.offset + step.member.value.length];
        const changed =
          installed.slice(0, start) +
          front.map((group) => `${group},`).join("") +
          installed.slice(start, end) +
          behind.map((group) => `,${group}`).join("") +
          installed.slice(end);

        const rest = takeOut(changed, [{ ...plan, after_sha256: sha256(installed) }], jsonEdit(wants));

        const added = [...front, ...behind].map((group): Json => JSON.parse(group));
        const held = content(text) ?? {};
        const expected =
          added.length === 0 ? held : change(held, ["hooks", "Stop"], (old) => [...listOf(old), ...added]);
        expect(rest !== "nothing" && "text" in rest ? content(rest.text) : rest).toEqual(expected);
      }),
      { numRuns: 300 },
    );

    expect(planned).toBeGreaterThan(60);
  });
});

describe("taking an entry out by what it looks like", () => {
  const OURS = '"memory": { "type": "http", "url": "https://memory.example.com/mcp" }';

  it.each([
    ["alone", `{"mcpServers": { ${OURS} } }`, '{"mcpServers": {} }'],
    ["alone, with a comma behind", `{"mcpServers": { ${OURS}, } }`, '{"mcpServers": {} }'],
    ["beside a comment", `{"mcpServers": { ${OURS} /* c */ } }`, '{"mcpServers": { /* c */ } }'],
    ["first", `{"mcpServers": {\n  ${OURS},\n  "a": 1\n}}`, '{"mcpServers": {\n  "a": 1\n}}'],
    ["between", `{"mcpServers": {"a": 1, ${OURS}, "b": 2}}`, '{"mcpServers": {"a": 1, "b": 2}}'],
    ["last", `{"mcpServers": {"a": 1, ${OURS}}}`, '{"mcpServers": {"a": 1}}'],
    ["last, with a comma behind", `{"mcpServers": {"a": 1, ${OURS},}}`, '{"mcpServers": {"a": 1,}}'],
    [
      "comments around it",
      `{"mcpServers": {"a": 1 /* x */, /* y */ ${OURS} /* z */}}`,
      '{"mcpServers": {"a": 1 /* x */ /* y */ /* z */}}',
    ],
    [
      "behind a comment that ends its line",
      `{"mcpServers": {"a": 1, // c\n ${OURS} }}`,
      '{"mcpServers": {"a": 1 // c\n }}',
    ],
    [
      "behind such a comment, others behind it",
      `{"mcpServers": { // c\r\n ${OURS}, "b": 2}}`,
      '{"mcpServers": { // c\r\n "b": 2}}',
    ],
    [
      "behind such a comment, a line below",
      `{"mcpServers": { // c\n  ${OURS}\n}}`,
      '{"mcpServers": { // c\n}}',
    ],
    ["twice", `{"mcpServers": {${OURS}, ${OURS}}}`, '{"mcpServers": {}}'],
  ])("%s", (_, text, rest) => {
    expect(withoutJson(text, [serverWant], [])).toEqual({ text: rest, shifted: [] });
  });

  it("takes along the containers that were made for it, when nothing else is in them", () => {
    const made = [["mcpServers"]];

    expect(withoutJson(`{"a": 1, "mcpServers": {${OURS}}}`, [serverWant], made)).toMatchObject({
      text: '{"a": 1}',
    });
    expect(withoutJson(`{"mcpServers": {${OURS} // c\n}}`, [serverWant], made)).toMatchObject({
      text: '{"mcpServers": { // c\n}}',
    });
  });
});

const NOTE = "/* by hand */";

function withNote(text: string, spot: number): string {
  return text.slice(0, spot) + NOTE + text.slice(spot);
}

/** Where a comment may stand: at the beginning, before each member, at the end. */
function spotsOf(text: string): number[] {
  const { root } = parseJsonc(text);
  const nodes = root === undefined ? [] : nodesIn(root);
  const members = nodes.flatMap((node) =>
    node.kind === "scalar" ? [] : node.members.map(({ offset }) => offset),
  );
  return [text.startsWith("\uFEFF") ? 1 : 0, ...members, text.length];
}

function lengthBefore(insertions: readonly Insertion[], spot: number): number {
  return insertions.filter(({ offset }) => offset < spot).reduce((sum, { text }) => sum + text.length, 0);
}

/** Objects with keys that matter here, written with all that may stand between two signs. */
function jsoncDocument(): fc.Arbitrary<string> {
  const between = fc.constantFrom("", "", " ", "\n  ", "\r\n\t", " // c\n", "/* , } */", "\n/* a\nb */ ");
  const key = fc.constantFrom(
    "hooks",
    "SessionEnd",
    "Stop",
    "mcpServers",
    "a",
    "\\u0062",
    "__proto__",
    '\\"{',
  );
  const { value } = fc.letrec<{ value: string; list: string; object: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom("1", "-0.5e-7", "true", "null", '""', '"a // b"', '"}\\\\"'),
      tie("list"),
      tie("object"),
    ),
    list: container(
      fc.tuple(between, tie("value"), between).map((parts) => parts.join("")),
      "[]",
    ),
    object: container(
      fc
        .tuple(between, key, between, between, tie("value"), between)
        .map(([a, name, b, c, inner, d]) => `${a}"${name}"${b}:${c}${inner}${d}`),
      "{}",
    ),
  }));
  const property = fc
    .tuple(between, key, between, between, value, between)
    .map(([a, name, b, c, inner, d]) => `${a}"${name}"${b}:${c}${inner}${d}`);
  const root = container(property, "{}");
  return fc
    .tuple(fc.constantFrom("", "\uFEFF"), between, root, between, fc.constantFrom("", "\n", "\r\n"))
    .map((parts) => parts.join(""));

  function container(member: fc.Arbitrary<string>, [open = "", close = ""]: string): fc.Arbitrary<string> {
    return fc
      .tuple(fc.array(member, { maxLength: 3 }), fc.boolean(), between)
      .map(([members, isTrailing, blank]) => {
        const comma = isTrailing && members.length > 0 ? "," : "";
        return `${open}${members.join(",")}${comma}${blank}${close}`;
      });
  }
}

function nodesIn(node: JsonNode): JsonNode[] {
  return node.kind === "scalar" ? [node] : [node, ...node.members.flatMap(({ value }) => nodesIn(value))];
}

function content(text: string): Json | undefined {
  const { root } = parseJsonc(text);
  return root && valueOf(root);
}

/** What a document holds afterwards, counted without a text. */
function sum(before: Json | undefined, wants: readonly JsonWant[]): Json {
  return wants.reduce<Json>(
    (held, { path, at, value }) =>
      change(held, path, (old) => (at === "property" ? value : [...listOf(old), value])),
    before ?? {},
  );
}

function change(
  held: Json | undefined,
  [name, ...rest]: readonly string[],
  edit: (old?: Json) => Json,
): Json {
  if (name === undefined) return edit(held);
  const properties =
    typeof held === "object" && held !== null && !Array.isArray(held) ? Object.entries(held) : [];
  const all = new Map(properties);
  return Object.fromEntries(all.set(name, change(all.get(name), rest, edit)));
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}
