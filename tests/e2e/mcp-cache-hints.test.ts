import { expect, it } from "vitest";
import { RawMcp } from "../support/raw-mcp.ts";
import { startServer } from "../support/server.ts";

const LISTS = ["listTools", "listPrompts", "listResources", "listResourceTemplates"] as const;

async function hintsOf(era: "modern" | "legacy"): Promise<Record<string, unknown>> {
  await using server = await startServer();
  const mcp = new RawMcp(`${server.url}/mcp`, { token: server.tokens.ai, era });
  const hints: Record<string, unknown> = {};
  for (const list of LISTS) {
    const { ttlMs, cacheScope } = await mcp[list]();
    hints[list] = [ttlMs, cacheScope];
  }
  return hints;
}

it("says how long a list may be kept, and whether others may be given it", async () => {
  const hints = await hintsOf("modern");

  expect(hints).toEqual({
    // Each role has tools of its own.
    listTools: [300_000, "private"],
    listPrompts: [300_000, "public"],
    // Each token may see other workspaces, and files come and go.
    listResources: [60_000, "private"],
    listResourceTemplates: [300_000, "public"],
  });
});

it("says nothing of it to clients of the older revision, which knows no such hints", async () => {
  const hints = await hintsOf("legacy");

  expect(hints).toEqual(Object.fromEntries(LISTS.map((list) => [list, [undefined, undefined]])));
});
