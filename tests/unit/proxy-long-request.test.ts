import { expect, it } from "vitest";
import { rewrittenRequest } from "../support/proxy-requests.ts";
import { random } from "../support/random.ts";

const OURS = "mcp__memory__memory_20250818";

it("changes in a request of more than a megabyte a few bytes only", () => {
  const text = JSON.stringify(longRequest());

  const { bytes, facts } = rewrittenRequest(text);

  const wanted = text
    .replace(/\{"name":"mcp__memory__memory_20250818".*?\}\}/, '{"type":"memory_20250818","name":"memory"}')
    .replaceAll(`"name":"${OURS}","input"`, '"name":"memory","input"')
    .replaceAll(/"name":"mcp__memory__(tool_\d+)"/g, '"name":"$1"');
  expect(text.length).toBeGreaterThan(1_200_000);
  expect(facts).toMatchObject({ renamed: 1 + 12 + 150 });
  expect(bytes.equals(Buffer.from(wanted))).toBe(true);
});

/** 40 tools, one of them ours and twelve others of our server, and 300 calls with their results. */
function longRequest(): object {
  const chance = random(7);
  const tools = Array.from({ length: 39 }, (_, index) => ({
    name: `${index % 3 === 0 && index < 36 ? "mcp__memory__" : ""}tool_${index}`,
    description: chance.text(2000),
    input_schema: { type: "object", properties: { path: { type: "string", description: chance.text(100) } } },
  }));
  const messages = Array.from({ length: 300 }, (_, index) => [
    {
      role: "assistant",
      content: [
        {
          type: "tool_use",
          id: `t${index}`,
          name: index % 2 === 0 ? OURS : "Bash",
          input: { command: `"${chance.text(300)}"\n` },
        },
      ],
    },
    {
      role: "user",
      content: [
        {
          type: "tool_result",
          tool_use_id: `t${index}`,
          content: `\\ "name":"${OURS}" ${chance.text(3500)}`,
        },
      ],
    },
  ]);
  return {
    model: "m",
    stream: true,
    tools: [...tools, { name: OURS, input_schema: { type: "object" } }],
    messages: messages.flat(),
  };
}
