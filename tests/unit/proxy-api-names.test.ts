import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const SDK = join(import.meta.dirname, "../../node_modules/@anthropic-ai/sdk/resources");

/** Every place in the SDK's types that may hold the name of a tool that a client chose, and what the proxy does there. */
const PLACES = {
  "ToolUseBlock.name": "renamed",
  "ToolUseBlockParam.name": "renamed",
  "Tool.name": "renamed, or the whole entry replaced",
  "ResponseTool.name": "renamed",
  "ToolChoiceTool.name": "renamed",
  "ToolReferenceBlock.tool_name": "renamed",
  "ToolReferenceBlockParam.tool_name": "renamed",
  "ToolChangeToolReference.name": "renamed",
  "ResponseToolChangeToolReference.name": "renamed",
  "WebFetchURLSourceToolReference.name": "renamed",
  "ClearToolUses20250919Edit.exclude_tools": "renamed",
  "ClearToolUses20250919Edit.clear_tool_inputs": "renamed",
  "MCPTool.name": "a server's that the API asks: left",
  "MCPToolParam.name": "a server's that the API asks: left",
  "MCPToolUseBlock.name": "a server's that the API asks: left",
  "MCPToolUseBlockParam.name": "a server's that the API asks: left",
  "ToolChangeMCPToolReference.name": "a server's that the API asks: left",
  "ResponseToolChangeMCPToolReference.name": "a server's that the API asks: left",
  "RequestMCPServerToolConfiguration.allowed_tools": "a server's that the API asks: left",
  "RequestMCPServerURLDefinition.name": "the name of a server: left",
};

it.each(["messages/messages.d.ts", "beta/messages/messages.d.ts"])(
  "the SDK's types name tools in no place that the proxy does not know: %s",
  (file) => {
    const places = placesIn(readFileSync(join(SDK, file), "utf8"));

    expect(places.length).toBeGreaterThan(5);
    expect(places.filter((place) => !Object.hasOwn(PLACES, place))).toEqual([]);
  },
);

it("the proxy knows no place that the SDK's types have lost", () => {
  const places = new Set(placesIn(readFileSync(join(SDK, "beta/messages/messages.d.ts"), "utf8")));

  expect(Object.keys(PLACES).filter((place) => !places.has(place))).toEqual([]);
});

/** Strings and lists of strings whose key speaks of tools or names; `Beta` in front of a type says nothing here. */
function placesIn(types: string): string[] {
  const place =
    /^\s*export interface (?:Beta)?(\w+)|^\s+(name|tool_names?|\w*tools|\w*tool_inputs)\??: (.*)$/gm;
  let type = "";
  return [...types.matchAll(place)].flatMap(([, opened, key, of = ""]) => {
    type = opened ?? type;
    return key !== undefined && /\bstring\b/.test(of) && !of.includes("'") ? [`${type}.${key}`] : [];
  });
}
