import { expect, it } from "vitest";
import type { MemoryCommand } from "../../memory-tool/command.ts";
import type { MemoryFiles } from "../../memory-tool/files.ts";
import { runMemoryCommand } from "../../memory-tool/run.ts";
import type { OpenedMemories } from "../support/opened-memories.ts";
import { ALIKE, BEFORE, BETTER } from "../support/sdk-commands.ts";
import { openSdkMemory } from "../support/sdk-memory.ts";

/** A store behind our tool and the SDK's tool with its folder, as tests of the group around the call. */
export function memorySdkCases(open: () => Promise<OpenedMemories>): void {
  it("says to every command what the SDK's memory tool says, but for prefix and sizes", async () => {
    await using opened = await open();
    await using sdk = await openSdkMemory();

    for (const command of ALIKE) {
      const theirs = await sdk.told(command);

      expect(alike(await ours(opened.files, command)), JSON.stringify(command)).toBe(alike(theirs));
    }
  });

  it.each(BETTER)("does better than the SDK: $why", async (row) => {
    await using opened = await open();
    await using sdk = await openSdkMemory();
    for (const command of BEFORE)
      expect(alike(await ours(opened.files, command))).toBe(alike(await sdk.told(command)));

    const theirs = await sdk.told(row.command);
    const better = await ours(opened.files, row.command);

    expect(is(theirs, row.sdk), theirs).toBe(true);
    expect(is(better, row.ours), better).toBe(true);
  });
}

function is(text: string, expected: string | RegExp): boolean {
  return typeof expected === "string" ? text === expected : expected.test(text);
}

async function ours(files: MemoryFiles, command: MemoryCommand): Promise<string> {
  const answer = await runMemoryCommand(files, command);
  return "text" in answer ? answer.text : "image";
}

/**
 * A text without what may differ: the SDK throws without `Error: `, which its runner adds; it writes 4K where the
 * documentation has 4.0K; and it tells a folder's own size on its disk, we that of the files below.
 */
function alike(text: string): string {
  return text
    .replace(/^Error: /, "")
    .replaceAll(/^(\d+)\.0([KMG]\t)/gm, "$1$2")
    .replaceAll(/^[\d.]+[BKMG](\t.*\/)$/gm, "folder$1")
    .replace(/(node_modules:\n)[\d.]+[BKMG](\t)/, "$1folder$2");
}
