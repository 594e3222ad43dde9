import type Anthropic from "@anthropic-ai/sdk";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import {
  MEMORY_ARGUMENTS,
  MEMORY_TOOL_DESCRIPTION,
  MEMORY_TOOL_TITLE,
  MemoryCommand,
} from "../../memory-tool/command.ts";
import { CLIENT_NAMES, CLIENT_PREFIXES, MEMORY_TOOL, NATIVE_NAME } from "../../memory-tool/names.ts";

describe("the memory tool", () => {
  it("has the names that the SDK's native tool has", () => {
    const native: Anthropic.MemoryTool20250818 = { type: MEMORY_TOOL, name: NATIVE_NAME };

    expect(native).toEqual({ type: "memory_20250818", name: "memory" });
  });

  it("is known to clients by prefix and name", () => {
    expect(CLIENT_NAMES).toEqual(CLIENT_PREFIXES.map((prefix) => prefix + MEMORY_TOOL));
  });

  it("says in few words what it is, the directory first", () => {
    expect(MEMORY_TOOL_TITLE).not.toBe("");
    expect(MEMORY_TOOL_DESCRIPTION.slice(0, 40)).toContain("memory directory /memories");
    expect(MEMORY_TOOL_DESCRIPTION.length).toBeLessThan(400);
  });
});

describe("its arguments", () => {
  it("make a flat, plain schema, of which only the command is required", () => {
    const schema = z.toJSONSchema(MemoryCommand, { io: "input" });

    const properties = Object.entries(
      z.record(z.string(), z.object({ type: z.string() })).parse(schema.properties),
    );
    expect(schema.required).toEqual(["command"]);
    expect(properties.map(([name]) => name)).toEqual(Object.keys(MEMORY_ARGUMENTS));
    expect(new Set(properties.map(([, { type }]) => type))).toEqual(new Set(["string", "integer", "array"]));
  });

  it("count as absent when they are null", () => {
    const parsed = MemoryCommand.parse({
      command: "view",
      path: "/memories",
      view_range: null,
      old_str: null,
    });

    expect(parsed).toEqual({ command: "view", path: "/memories" });
  });

  it.each([
    [{ command: "append" }],
    [{ command: "view", paths: "/memories" }],
    [{ command: "view", path: "/memories/a", view_range: [1] }],
    [{ command: "view", path: "/memories/a", view_range: [1, 2, 3] }],
    [{ command: "insert", path: "/memories/a", insert_line: 0.5, insert_text: "" }],
    [{ path: "/memories" }],
  ])("are refused: %j", (given) => {
    expect(MemoryCommand.safeParse(given).success).toBe(false);
  });
});
