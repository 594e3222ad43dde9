import { describe, expect, it } from "vitest";
import { NATIVE, OFFER, OURS, rewrittenRequest, toApi } from "../support/proxy-requests.ts";

/** A request that offers our tool and has one more block in its messages. */
const withBlock = (block: string, offer = OFFER) =>
  `{"tools":[${offer}],"messages":[{"role":"user","content":[${block}]}]}`;

describe("a tool in a request", () => {
  it("CP 3.1: is the native one as a whole", () => {
    const tool = `{ "name" : "${OURS}" , "description" : "x", "input_schema": {"type":"object"} }`;

    const text = toApi(`{"model":"m", "tools": [ {"name":"Bash"}, ${tool} ] }`);

    expect(text).toBe(`{"model":"m", "tools": [ {"name":"Bash"}, ${NATIVE} ] }`);
  });

  it("CP 3.1: is known by its tool_name too", () => {
    expect(toApi(`{"tools":[{"tool_name":"${OURS}"}]}`)).toBe(`{"tools":[${NATIVE}]}`);
  });

  it("CP 4.2: keeps cache_control and what the native one may have, byte for byte", () => {
    const kept =
      '"cache_control": {"type" : "ephemeral", "ttl":"\\u0031h"},"defer_loading" :true,"strict":false';

    const text = toApi(`{"tools":[{"eager_input_streaming":true,${kept},"name":"${OURS}","type":"custom"}]}`);

    expect(text).toBe(`{"tools":[{"type":"memory_20250818","name":"memory",${kept}}]}`);
  });

  it("CP 4.2: loses the prefix of our server", () => {
    const text = toApi(
      `{"tools":[${OFFER},{"name":"mcp__memory__search","input_schema":{"name":"mcp__memory__search"}}]}`,
    );

    expect(text).toBe(
      `{"tools":[${NATIVE},{"name":"search","input_schema":{"name":"mcp__memory__search"}}]}`,
    );
  });

  it("is the native one wherever a conversation brings it along", () => {
    const addition = (definition: string) =>
      `{"type":"tool_addition","tool":{"type":"tool_definition","definition":${definition}},"cache_control":null}`;
    const blocks = (definition: string) =>
      `${addition(definition)},{"type":"compaction","content":"x","tool_changes":[${addition(definition)}]}`;

    const text = toApi(withBlock(blocks(OFFER), '{"name":"Bash"}'));

    expect(text).toBe(withBlock(blocks(NATIVE), '{"name":"Bash"}'));
  });

  it("is named to a web_fetch as the API knows it", () => {
    const fetch = (name: string) =>
      `{"type":"web_fetch_20260318","name":"web_fetch","url_sources":{"client_tool_results":{"type":"only","tools":[{"type":"tool_reference","name":"${name}"}]},"server_tool_results":{"type":"all"}}}`;

    const text = toApi(`{"tools":[${OFFER},${fetch(OURS)}]}`);

    expect(text).toBe(`{"tools":[${NATIVE},${fetch("memory")}]}`);
  });
});

describe("a name in a request", () => {
  it.each([
    ["CP 3.1: tool_choice", '{"type":"tool","name":"NAME"}'],
    [
      "CP 3.1: tool_choice with other members",
      '{"name":"NAME", "disable_parallel_tool_use":true,"type":"tool"}',
    ],
    [
      "CP 3.1: tool_choice as a list",
      '[{"type":"tool","name":"NAME"},{"type":"auto"},{"type":"tool","name":"Bash"}]',
    ],
  ])("is another in %s", (_, choice) => {
    const request = (name: string, offer: string) =>
      `{"tool_choice":${choice.replace("NAME", name)},"tools":[${offer}]}`;

    expect(toApi(request(OURS, OFFER))).toBe(request("memory", NATIVE));
  });

  it.each([
    ["CP 3.1: tool_use", '{"type":"tool_use","id":"1","name":"NAME","input":{}}'],
    ["CP 3.1: tool_result", '{"type":"tool_result","tool_use_id":"1","name":"NAME","content":"x"}'],
    ["a tool_use with escapes", '{"type":"tool_use","name":"NAME","input":{"a":"\\u00e9 \\/ é 😀"}}'],
    ["a tool_use of no toolset", '{"type":"tool_use","name":"NAME","input":{},"toolset_name":null}'],
    [
      "a tool_reference of a result",
      '{"type":"tool_result","content":[{"type":"text","text":"x"},{"type":"tool_reference","tool_name":"NAME"}]}',
    ],
    [
      "a tool search",
      '{"type":"tool_search_tool_result","content":{"type":"tool_search_tool_search_result","tool_references":[{"type":"tool_reference","tool_name":"NAME"}]}}',
    ],
    ["a tool_addition", '{"type":"tool_addition","tool":{"type":"tool_reference","name":"NAME"}}'],
    ["a tool_removal", '{"type":"tool_removal","tool":{"type":"tool_reference","name":"NAME"}}'],
    [
      "a compaction",
      '{"type":"compaction","content":null,"tool_changes":[{"type":"tool_removal","tool":{"type":"tool_reference","name":"NAME"}}]}',
    ],
  ])("is another in %s", (_, block) => {
    const text = toApi(withBlock(block.replace("NAME", OURS)));

    expect(text).toBe(withBlock(block.replace("NAME", "memory"), NATIVE));
  });

  it("is another in what a context_management keeps and clears", () => {
    const request = (offer: string, name: string) =>
      `{"context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"},{"type":"clear_tool_uses_20250919","exclude_tools":["Bash","${name}"],"clear_tool_inputs":["${name}"]},{"clear_tool_inputs":true}]},"tools":[${offer}]}`;

    expect(toApi(request(OFFER, OURS))).toBe(request(NATIVE, "memory"));
  });

  it("is found however it is spelled", () => {
    const spelled = OURS.replace("m", "\\u006d");

    const text = toApi(
      `{"t\\u006fols":[{"n\\u0061me":"${spelled}"}],"tool_choice":{"type":"tool","name":"${spelled}"}}`,
    );

    expect(text).toBe(`{"t\\u006fols":[${NATIVE}],"tool_choice":{"type":"tool","name":"memory"}}`);
  });

  it.each([
    [
      "CP 4.2: an input that looks like a tool_use",
      `{"type":"tool_use","name":"Bash","input":{"type":"tool_use","name":"${OURS}"}}`,
    ],
    [
      "a list of such inputs",
      `{"type":"tool_use","name":"Bash","input":[{"type":"tool_result","name":"${OURS}"}]}`,
    ],
    ["a text", `{"type":"text","text":"{\\"type\\":\\"tool_use\\",\\"name\\":\\"${OURS}\\"}"}`],
    ["a call of a tool that the API runs", `{"type":"server_tool_use","name":"${OURS}","input":{}}`],
    [
      "a call of a server that the API asks",
      `{"type":"mcp_tool_use","name":"${OURS}","server_name":"x","input":{}}`,
    ],
    [
      "a tool of a server that the API asks",
      `{"type":"tool_removal","tool":{"type":"mcp_tool_reference","server_name":"memory","name":"${OURS}"}}`,
    ],
    ["a call of a toolset", `{"type":"tool_use","name":"${OURS}","toolset_name":"browser","input":{}}`],
    ["a block of a block", `{"type":"tool_result","content":[{"type":"tool_use","name":"${OURS}"}]}`],
    [
      "a block that nobody knows",
      `{"type":"new","name":"${OURS}","tool":{"type":"tool_reference","name":"${OURS}"}}`,
    ],
    ["a name that is no string", '{"type":"tool_use","name":["mcp__memory__memory_20250818"],"input":{}}'],
  ])("stays in %s", (_, block) => {
    expect(toApi(withBlock(block))).toBe(withBlock(block, NATIVE));
  });

  it.each([
    ["a choice of another type", `"tool_choice":{"type":"any","name":"${OURS}"}`],
    ["a choice deep down", `"tool_choice":{"x":{"type":"tool","name":"${OURS}"}}`],
    ["the metadata", `"metadata":{"user_id":"${OURS}","name":"${OURS}"}`],
    ["the system prompt", `"system":[{"type":"text","text":"Use ${OURS}","name":"${OURS}"}]`],
  ])("stays in %s", (_, member) => {
    expect(toApi(`{${member},"tools":[${OFFER}]}`)).toBe(`{${member},"tools":[${NATIVE}]}`);
  });
});

describe("a request that nothing has to be changed in", () => {
  it.each([
    [
      "CP 4.2: the client's own memory",
      `{"tools":[${OFFER},{"name":"memory"}],"tool_choice":{"type":"tool","name":"${OURS}"}}`,
    ],
    ["CP 4.2: our tool is not offered", withBlock(`{"type":"tool_use","name":"${OURS}","input":{}}`, "")],
    ["other tools of our server only", '{"tools":[{"name":"mcp__memory__search"}]}'],
    ["no tools", '{"messages":[]}'],
    ["nothing", "{}"],
  ])("is the very same Buffer: %s", (_, text) => {
    const bytes = Buffer.from(text);

    const { bytes: same, names } = rewrittenRequest(bytes);

    expect(same).toBe(bytes);
    expect(names).toBeUndefined();
  });
});

describe("bytes in which no name stands", () => {
  it.each([
    ["CP 4.2: non-ASCII and escapes", '"a":"é \\u00e9 \\/ / 😀 \\ud83d\\ude00 \\ud800"'],
    ["CP 4.2: spacing and the order of keys", '"z" :\t1 ,\r\n  "a":[ ] , "b" : { } '],
    ["big numbers", '"a":[12345678901234567890,1e400,-0,1.0,0.10]'],
    ["quotes and backslashes", '"a":"\\\\","b":"\\\\\\"","c":"}]{[,:"'],
    ["keys that are special in JavaScript", '"__proto__":{"a":1},"constructor":null,"":true'],
    ["the same key twice", '"a":1,"a":{"a":2},"stream":false,"stream":true'],
  ])("stay: %s", (_, members) => {
    expect(toApi(`{${members},"tools":[${OFFER}]}`)).toBe(`{${members},"tools":[${NATIVE}]}`);
  });

  it("stay where they are no UTF-8, and behind a byte order mark", () => {
    const bytes = Buffer.concat([
      Buffer.from('\ufeff{"a":"'),
      Buffer.from([0xff, 0xe2, 0x82]),
      Buffer.from(`","tools":[${OFFER}]}`),
    ]);
    const parsed = { tools: [{ name: OURS }] };

    const { bytes: rewritten } = rewrittenRequest(bytes, [], parsed);

    expect(
      rewritten.equals(Buffer.concat([bytes.subarray(0, bytes.indexOf(OFFER)), Buffer.from(`${NATIVE}]}`)])),
    ).toBe(true);
  });
});

describe("the facts of a request", () => {
  it("say what is logged of it", () => {
    const { facts } = rewrittenRequest(
      withBlock(`{"type":"tool_use","name":"${OURS}","input":{}}`, `{"name":"Bash"},${OFFER}`).replace(
        "{",
        '{"stream":true,',
      ),
    );

    expect(facts).toEqual({ stream: true, tools: ["Bash", OURS], renamed: 2, hasOwnMemory: false });
  });

  it("say why nothing is renamed", () => {
    const { facts } = rewrittenRequest(`{"tools":[${OFFER},{"name":"memory"}],"stream":"yes"}`);

    expect(facts).toEqual({ stream: false, tools: [OURS, "memory"], renamed: 0, hasOwnMemory: true });
  });
});
