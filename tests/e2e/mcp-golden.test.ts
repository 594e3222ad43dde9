import { expect, it } from "vitest";
import { startServer } from "../support/server.ts";

it("shows outsiders exactly this: tools by role, prompts, templates, capabilities, instructions", async () => {
  await using server = await startServer();
  const ai = await server.connectAi();
  const sync = await server.connectSync();

  const surface = {
    capabilities: ai.getServerCapabilities(),
    instructions: ai.getInstructions()?.split("\n"),
    tools: { ai: (await ai.listTools()).tools, sync: (await sync.listTools()).tools },
    prompts: (await ai.listPrompts()).prompts,
    resourceTemplates: (await ai.listResourceTemplates()).resourceTemplates,
  };

  await expect(`${JSON.stringify(surface, null, 2)}\n`).toMatchFileSnapshot("../golden/tools.json");
});
