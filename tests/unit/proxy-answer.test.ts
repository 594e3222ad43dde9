import { describe, expect, it } from "vitest";
import { rewriteMessage } from "../../proxy/rewrite/rewrite-message.ts";
import { namesWith, OURS, toApi } from "../support/proxy-requests.ts";

const names = namesWith("mcp__memory__search");
const toClient = (text: string) => rewriteMessage(Buffer.from(text), names).toString();
const withBlock = (block: string) =>
  `{"id":"msg_1", "type":"message","role":"assistant","content":[ {"type":"text","text":"\\"memory\\""}, ${block} ],"stop_reason":"tool_use"}`;

describe("a name in a JSON answer", () => {
  it.each([
    ["CP 3.1: tool_use", '{"type":"tool_use","id":"1","name":"NAME","input":{"name":"memory"}}'],
    ["CP 3.1: tool_result", '{"type":"tool_result","tool_use_id":"1","name":"NAME"}'],
    [
      "a tool search",
      '{"type":"tool_search_tool_result","content":{"tool_references":[{"type":"tool_reference","tool_name":"NAME"}]}}',
    ],
    [
      "a compaction",
      '{"type":"compaction","tool_changes":[{"type":"tool_addition","tool":{"type":"tool_reference","name":"NAME"}}]}',
    ],
  ])("is the client's again in %s", (_, block) => {
    expect(toClient(withBlock(block.replace("NAME", "memory")))).toBe(withBlock(block.replace("NAME", OURS)));
    expect(toClient(withBlock(block.replace("NAME", "memory_20250818")))).toBe(
      withBlock(block.replace("NAME", OURS)),
    );
    expect(toClient(withBlock(block.replace("NAME", "search")))).toBe(
      withBlock(block.replace("NAME", "mcp__memory__search")),
    );
  });

  it("CP 3.1: is the client's again in tool_choice, also of a delta", () => {
    const answer = (name: string) =>
      `{"tool_choice":{"type":"tool","name":"${name}"},"delta":{"tool_choice":[{"type":"tool","name":"${name}"}],"name":"memory"}}`;

    expect(toClient(answer("memory"))).toBe(answer(OURS));
  });

  it("CP 3.1: comes back from a round trip as it was sent", () => {
    const request = (name: string) =>
      `{"content":[],"tools":[{"name":"${OURS}"}],"messages":[{"content":[{"type":"tool_use","name":"${name}","input":{}}]}]}`;
    const sent = toApi(request(OURS));

    const content = JSON.parse(sent).messages[0].content;
    const answer = toClient(JSON.stringify({ type: "message", content }));

    expect(JSON.parse(answer).content).toEqual([{ type: "tool_use", name: OURS, input: {} }]);
  });

  it("is offered again as it came, when a compaction repeats a whole tool", () => {
    const compaction = (entry: string) =>
      `{"type":"compaction","content":"x","tool_changes":[{"type":"tool_addition","tool":{"type":"tool_definition","definition":${entry}}}]}`;
    const native = '{"type":"memory_20250818","name":"memory","defer_loading":true}';
    const answer = toClient(withBlock(compaction(native)));

    const again = toApi(`{"messages":[${answer}]}`);

    expect(answer).toBe(withBlock(compaction(native.replace('"memory"', `"${OURS}"`))));
    expect(again).toBe(`{"messages":[${withBlock(compaction(native))}]}`);
  });

  it.each([
    ["an input", '{"type":"tool_use","name":"Bash","input":{"type":"tool_use","name":"memory"}}'],
    ["a call of a tool that the API runs", '{"type":"server_tool_use","name":"memory","input":{}}'],
    ["a call of a server that the API asks", '{"type":"mcp_tool_use","name":"search","input":{}}'],
    ["a call of a toolset", '{"type":"tool_use","name":"search","toolset_name":"browser","input":{}}'],
    ["a call that has the client's name already", `{"type":"tool_use","name":"${OURS}","input":{}}`],
  ])("stays in %s, and the Buffer too", (_, block) => {
    const bytes = Buffer.from(withBlock(block));

    expect(rewriteMessage(bytes, names)).toBe(bytes);
  });

  it("CP-6: is looked for in errors too, which are none", () => {
    const bytes = Buffer.from('{"type":"error","error":{"type":"invalid_request_error","message":"memory"}}');

    expect(rewriteMessage(bytes, names)).toBe(bytes);
  });
});

it.each(["", "<html>", '{"content":[', "\ufeff"])("says of %j that it is no JSON", (text) => {
  expect(() => rewriteMessage(Buffer.from(text), names)).toThrow(SyntaxError);
});

it("takes JSON behind a byte order mark", () => {
  expect(toClient(`\ufeff${withBlock('{"type":"tool_use","name":"memory"}')}`)).toBe(
    `\ufeff${withBlock(`{"type":"tool_use","name":"${OURS}"}`)}`,
  );
});
