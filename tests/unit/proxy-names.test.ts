import { describe, expect, it } from "vitest";
import { hasOwnMemory, nameMapOf } from "../../proxy/rewrite/names.ts";
import { offeredTools } from "../../proxy/rewrite/offered-tools.ts";

const OURS = "mcp__memory__memory_20250818";
const LEGACY = "memory__memory_20250818";

describe("the names of a request", () => {
  it.each([[OURS], [LEGACY]])("CP 3.1: %s is memory there and back", (name) => {
    const names = nameMapOf([name, "Bash"]);

    expect(names?.clientName).toBe(name);
    expect(names?.toApi.get(name)).toBe("memory");
    expect(names?.toClient.get("memory")).toBe(name);
    expect(names?.toClient.get("memory_20250818")).toBe(name);
  });

  it("CP 3.1: an unrelated name stays", () => {
    const names = nameMapOf([OURS, "Bash", "mcp__other__memory"]);

    expect(names?.toApi.has("Bash")).toBe(false);
    expect(names?.toApi.has("mcp__other__memory")).toBe(false);
    expect([...(names?.toClient.keys() ?? [])]).toEqual(["memory", "memory_20250818"]);
  });

  it.each([[[]], [["Bash"]], [["memory"]], [["mcp__memory__search"]], [["memory__memory__20250818"]]])(
    "CP 4.2: none where our tool is not offered: %j",
    (offered) => {
      expect(nameMapOf(offered)).toBeUndefined();
      expect(hasOwnMemory(offered)).toBe(false);
    },
  );

  it("CP 4.2: none where the client has a memory of its own", () => {
    const offered = [OURS, "memory"];

    expect(nameMapOf(offered)).toBeUndefined();
    expect(hasOwnMemory(offered)).toBe(true);
  });

  it("CP 4.2: a name that lost its prefix gets it back", () => {
    const names = nameMapOf([OURS, "mcp__memory__search", "memory__read"]);

    expect(names?.toApi.get("mcp__memory__search")).toBe("search");
    expect(names?.toClient.get("search")).toBe("mcp__memory__search");
    expect(names?.toApi.get("memory__read")).toBe("read");
    expect(names?.toClient.get("read")).toBe("memory__read");
  });

  it.each([
    ["another tool has the short name", ["search", "mcp__memory__search"], "mcp__memory__search"],
    ["another tool came first", ["mcp__memory__search", "memory__search"], "memory__search"],
    ["the native tool has it", ["mcp__memory__memory"], "mcp__memory__memory"],
    ["nothing is left of it", ["mcp__memory__"], "mcp__memory__"],
    ["the other name of our tool is offered too", [LEGACY], LEGACY],
  ])("a name stays when %s", (_, others, name) => {
    const names = nameMapOf([OURS, ...others]);

    expect(names?.toApi.has(name)).toBe(false);
    expect([...(names?.toClient.values() ?? [])]).not.toContain(name);
  });

  it("a tool of the client that is called memory_20250818 is not ours in the answer", () => {
    const names = nameMapOf([OURS, "memory_20250818"]);

    expect(names?.toClient.get("memory")).toBe(OURS);
    expect(names?.toClient.has("memory_20250818")).toBe(false);
  });

  it("a call under the other name is one of ours, when only one name is offered now", () => {
    const names = nameMapOf([OURS]);

    expect(names?.toApi.get(LEGACY)).toBe("memory");
  });
});

describe("the tools that a request offers", () => {
  it("stand in tools and in what messages bring along", () => {
    const definition = (name: string) => ({ type: "tool_definition", definition: { name } });
    const added = (name: string) => ({ type: "tool_addition", tool: definition(name) });

    const offered = offeredTools({
      messages: [
        {
          role: "system",
          content: [added("late"), { type: "tool_addition", tool: { type: "tool_reference", name: "no" } }],
        },
        {
          role: "assistant",
          content: [{ type: "compaction", content: null, tool_changes: [added("kept")] }],
        },
      ],
      tools: [{ name: "first" }, { tool_name: "second" }, { type: "mcp_toolset" }],
    });

    expect(offered).toEqual(["first", "second", "late", "kept"]);
  });

  it.each([
    {},
    { tools: null, messages: "x" },
    { tools: {}, messages: [null, 1, { content: "text" }, { content: [null, "x", []] }] },
    { tools: [null, "memory", 3, [], { name: 5 }] },
    {
      messages: [
        {
          content: [
            { type: "tool_addition", tool: null },
            { type: "compaction", tool_changes: 1 },
          ],
        },
      ],
    },
  ])("are none in %j", (request) => {
    expect(offeredTools(request)).toEqual([]);
  });
});
