import { BetaLocalFilesystemMemoryTool } from "@anthropic-ai/sdk/tools/memory/node";
import type { MemoryCommand } from "../../memory-tool/command.ts";
import { tempFolder } from "./temp-folder.ts";

/** The memory tool of Anthropic's SDK over a folder of its own. */
export interface SdkMemory extends AsyncDisposable {
  /** What it answers, or the message of what it throws. */
  told(command: MemoryCommand): Promise<string>;
}

export async function openSdkMemory(): Promise<SdkMemory> {
  const folder = await tempFolder();
  const tool = await BetaLocalFilesystemMemoryTool.init(folder.path);
  return {
    async told(command) {
      const method: unknown = Reflect.get(tool, command.command);
      if (typeof method !== "function") throw new Error(`the SDK has no ${command.command}`);
      try {
        return String(await Reflect.apply(method, tool, [command]));
      } catch (error) {
        return error instanceof Error ? error.message.replaceAll(folder.path, "…") : String(error);
      }
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
