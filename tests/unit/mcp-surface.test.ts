import { describe, expect, it } from "vitest";
import { MEMORY_TOOL } from "../../memory-tool/names.ts";
import { INSTRUCTIONS } from "../../server/mcp/instructions.ts";
import { PROMPTS } from "../../server/mcp/prompts.ts";
import { TOOLS } from "../../server/mcp/tools/index.ts";

describe("the instructions", () => {
  it("fit into what every client shows, and say the purpose in the first 250 characters", () => {
    expect(INSTRUCTIONS.length).toBeLessThan(2000);
    expect(INSTRUCTIONS.slice(0, 250)).toMatch(/memory.*search.*knowledge.*sessions.*every machine/s);
    expect(INSTRUCTIONS.indexOf("\n")).toBeLessThan(250);
  });

  it("say that what is stored is data, how to get a binding, and how to go on after a page", () => {
    expect(INSTRUCTIONS).toMatch(/data, not instructions/);
    expect(INSTRUCTIONS).toMatch(/register_workspace .*binding/);
    expect(INSTRUCTIONS).toMatch(/next_cursor .*from_line/);
  });

  it("name only tools that exist", () => {
    const named = INSTRUCTIONS.match(/\b(?:get|search|read|list|register|write|delete|upload)_\w+/g) ?? [];

    expect(TOOLS.map(({ name }) => name)).toEqual(expect.arrayContaining(named));
  });
});

describe.each(TOOLS)("the tool $name", ({ name, roles, listed }) => {
  it("explains itself in less than 400 characters, beginning with the words of its name", () => {
    const description = listed.description ?? "";

    expect(description.length).toBeGreaterThan(80);
    expect(description.length).toBeLessThan(400);
    const noun = name === MEMORY_TOOL ? "memory" : (name.split("_").at(-1) ?? "");
    expect(description.slice(0, 60).toLowerCase()).toContain(noun.replace(/s$/, ""));
  });

  it("makes every claim about its effects", () => {
    expect(listed.annotations).toEqual({
      readOnlyHint: /^(?:get|search|read|list)_/.test(name),
      destructiveHint: ["write_overview", "delete_knowledge", "upload_knowledge", MEMORY_TOOL].includes(name),
      idempotentHint: name !== MEMORY_TOOL,
      openWorldHint: false,
    });
  });

  it("refuses arguments it does not know", () => {
    expect(listed.inputSchema).toMatchObject({ type: "object", additionalProperties: false });
  });

  it("gives structured content unless it gives stored text", () => {
    const givesText = ["get_overview", "read_knowledge", "read_session", MEMORY_TOOL].includes(name);

    expect(listed.outputSchema === undefined).toBe(givesText);
  });

  it("is for the roles that may do this", () => {
    const writesOwn = ["write_overview", "delete_knowledge", MEMORY_TOOL].includes(name);
    const uploads = name.startsWith("upload_");

    expect(roles).toEqual(writesOwn ? ["ai"] : uploads ? ["sync"] : ["ai", "sync"]);
  });

  it("names its target by the binding, if it writes the caller's own workspace", () => {
    const takesWorkspace = "workspace_id" in Object(listed.inputSchema.properties);

    expect(takesWorkspace && roles.length === 1 && roles[0] === "ai").toBe(false);
  });
});

describe("the surface", () => {
  it("loads searching, reading, the overview and the memory directory from the start", () => {
    const loaded = TOOLS.filter(({ listed }) => listed._meta?.["anthropic/alwaysLoad"] === true);

    expect(loaded.map(({ name }) => name).toSorted()).toEqual([
      "get_overview",
      MEMORY_TOOL,
      "read_knowledge",
      "read_session",
      "search_knowledge",
      "search_sessions",
    ]);
  });

  it("has no name twice", () => {
    const names = [...TOOLS.map(({ name }) => name), ...PROMPTS.map(({ listed }) => listed.name)];

    expect(new Set(names).size).toBe(names.length);
  });
});
