import * as fc from "fast-check";
import { expect, it } from "vitest";
import { OFFER, OURS, rewrittenRequest } from "../support/proxy-requests.ts";
import { renamedRequest } from "../support/renamed-request.ts";
import { Raw, spelled } from "../support/spelled-json.ts";

const LEGACY_OFFER = new Raw('{"name":"memory__memory_20250818"}');

const name = fc.constantFrom(
  OURS,
  "memory__memory_20250818",
  "mcp__memory__search",
  "memory__search",
  "search",
  "Bash",
);
const type = fc.constantFrom("tool_use", "tool_result", "tool_reference", "tool_addition", "tool", "text");
/** Anything, also what looks like a block or holds a name. */
const anything = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    name,
    fc.jsonValue({ maxDepth: 1, stringUnit: "binary" }),
    fc.array(tie("any"), { maxLength: 2 }),
    fc.record({ type, name, tool: tie("any"), content: tie("any") }, { requiredKeys: [] }),
  ),
})).any;
const listOf = (item: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 5, arbitrary: fc.array(item, { maxLength: 4 }) }, anything);
const object = (fields: Record<string, fc.Arbitrary<unknown>>) => fc.record(fields, { requiredKeys: [] });

const entry = fc
  .oneof(
    fc.record({ name, input_schema: anything }),
    object({ name: fc.constantFrom("mcp__memory__search", "Bash"), cache_control: anything }),
    object({
      name: fc.constant("web_fetch"),
      url_sources: object({
        client_tool_results: object({ tools: listOf(object({ type: fc.constant("tool_reference"), name })) }),
      }),
    }),
    anything,
  )
  .filter((value) => !isOffer(value));
const reference = fc.oneof(fc.record({ type: fc.constant("tool_reference"), name }), anything);
const change = fc.oneof(
  fc.record({ type: fc.constantFrom("tool_addition", "tool_removal"), tool: reference }),
  fc.record({
    type: fc.constant("tool_addition"),
    tool: fc.record({
      type: fc.constant("tool_definition"),
      definition: fc.constantFrom(new Raw(OFFER), { name: "Bash" }),
    }),
  }),
);
const block = fc.oneof(
  fc.record({ type: fc.constantFrom("tool_use", "server_tool_use", "mcp_tool_use"), name, input: anything }),
  object({ type: fc.constant("tool_use"), name, toolset_name: fc.constantFrom(null, "browser") }),
  object({ type: fc.constant("tool_result"), name, content: listOf(object({ type, tool_name: name })) }),
  object({
    type: fc.constant("tool_search_tool_result"),
    content: object({
      tool_references: listOf(object({ type: fc.constant("tool_reference"), tool_name: name })),
    }),
  }),
  object({ type: fc.constant("compaction"), tool_changes: listOf(change) }),
  change,
  anything,
);
const choice = object({ type, name });
const request = object({
  system: anything,
  tools: fc.array(fc.oneof(fc.constantFrom(new Raw(OFFER), LEGACY_OFFER), entry), { maxLength: 4 }),
  tool_choice: fc.oneof(choice, fc.array(choice, { maxLength: 2 }), anything),
  messages: listOf(object({ role: fc.constant("user"), content: listOf(block) })),
  context_management: object({
    edits: listOf(object({ exclude_tools: listOf(name), clear_tool_inputs: listOf(name) })),
  }),
  metadata: anything,
});

it("changes in any request the bytes that must be others, and no other ones", () => {
  let renamed = 0;
  fc.assert(
    fc.property(request, fc.nat(), (fields, seed) => {
      const text = spelled(fields, seed);

      const { bytes, names } = rewrittenRequest(text);

      // The whole entry under the other name is spelled anew, which this text cannot tell: another test looks at that.
      if (names !== undefined && names.clientName !== OURS) return;
      const expected =
        names === undefined ? fields : renamedRequest(fields, (name) => names.toApi.get(name) ?? name);
      renamed += names === undefined ? 0 : 1;
      expect(bytes.toString()).toBe(spelled(expected, seed));
    }),
    { numRuns: 2000 },
  );
  expect(renamed).toBeGreaterThan(200);
});

it("gives back the very Buffer of any request in which nothing is renamed", () => {
  fc.assert(
    fc.property(request, fc.nat(), (fields, seed) => {
      const bytes = Buffer.from(spelled(fields, seed));

      const rewritten = rewrittenRequest(bytes);

      expect(rewritten.bytes === bytes).toBe(rewritten.facts.renamed === 0);
    }),
  );
});

function isOffer(value: unknown): boolean {
  const text = JSON.stringify(value);
  return text.includes("memory_20250818");
}
