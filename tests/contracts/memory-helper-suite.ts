import Anthropic from "@anthropic-ai/sdk";
import { betaMemoryTool } from "@anthropic-ai/sdk/helpers/beta/memory";
import { expect, it } from "vitest";
import { MemoryCommand } from "../../memory-tool/command.ts";
import type { MemoryFiles } from "../../memory-tool/files.ts";
import { NATIVE_NAME } from "../../memory-tool/names.ts";
import { runMemoryCommand } from "../../memory-tool/run.ts";
import { fakeMessages } from "../support/fake-model/messages.ts";
import { done, NOTES, refused, told, treeOf } from "../support/memory-answers.ts";
import { MemoryModel } from "../support/memory-model.ts";
import type { OpenedMemories } from "../support/opened-memories.ts";

/** The SDK's own helper with a store as its backend, as tests of the group around the call. */
export function memoryHelperCases(open: () => Promise<OpenedMemories>): void {
  it("is the backend of the SDK's helper: views, creates and recalls in three conversations, and the model gets our texts", async () => {
    await using opened = await open();
    const { files } = opened;

    const viewed = await converse(files, { command: "view", path: "/memories" });
    const created = await converse(files, { command: "create", path: NOTES, file_text: "blue" });
    const recalled = await converse(files, { command: "view", path: NOTES });

    expect([viewed, created, recalled].map(({ said }) => said)).toEqual(["Done.", "Done.", "Done."]);
    expect(done(viewed.result)).toEqual(
      await told(new MemoryModel(), { command: "view", path: "/memories" }),
    );
    expect(created.result).toBe(`File created successfully at: ${NOTES}`);
    expect(recalled.result).toBe(`Here's the content of ${NOTES} with line numbers:\n     1\tblue`);
    expect(created.requests[0]).toContain('"tools":[{"type":"memory_20250818","name":"memory"}]');
    expect(recalled.requests.join("\n")).not.toContain("is_error");
  });

  it("tells the model of a failure in our words, through the SDK's helper", async () => {
    await using opened = await open();
    const { files } = opened;
    await told(files, { command: "create", path: NOTES, file_text: "blue" });
    const command = { command: "create", path: NOTES, file_text: "red" } as const;

    const answer = await converse(files, command);

    expect(answer.requests.at(-1)).toContain('"is_error":true');
    expect(refused(answer.result)).toEqual(await told(files, command));
    expect(await treeOf(files)).toEqual({ "notes.md": "blue" });
  });
}

interface Conversation {
  said: string;
  /** What the tool said to the model. */
  result: string;
  /** What the client sent: with its tools first, with the tool's answer last. */
  requests: readonly string[];
}

/** A conversation in which the model calls the tool once. */
async function converse(files: MemoryFiles, command: MemoryCommand): Promise<Conversation> {
  await using model = await fakeMessages({ tool: NATIVE_NAME, input: command, say: "Done." });
  const client = new Anthropic({ apiKey: "test", baseURL: model.url, maxRetries: 0 });
  const message = await client.beta.messages.toolRunner({
    model: "claude-test",
    max_tokens: 100,
    messages: [{ role: "user", content: "Go on." }],
    tools: [toolOver(files)],
  });
  const [block] = message.content;
  return {
    said: block?.type === "text" ? block.text : "",
    result: resultIn(model.requests.at(-1) ?? ""),
    requests: model.requests,
  };
}

function toolOver(files: MemoryFiles) {
  const run = async (command: unknown) => {
    const answer = await runMemoryCommand(files, MemoryCommand.parse(command));
    if (!("text" in answer)) throw new Error("an image");
    // The runner puts the prefix before what is thrown.
    if (answer.isError) throw new Error(answer.text.replace(/^Error: /, ""));
    return answer.text;
  };
  return betaMemoryTool({
    view: run,
    create: run,
    str_replace: run,
    insert: run,
    delete: run,
    rename: run,
  });
}

function resultIn(request: string): string {
  const [, text = '""'] = /"tool_use_id":"[^"]*","content":("(?:[^"\\]|\\.)*")/.exec(request) ?? [];
  return String(JSON.parse(text));
}
