import * as fc from "fast-check";
import { expect, it } from "vitest";
import { AppError } from "../../contract/errors.ts";
import type { MemoryCommand } from "../../memory-tool/command.ts";
import type { MemoryFiles } from "../../memory-tool/files.ts";
import { runMemoryCommand } from "../../memory-tool/run.ts";
import { treeOf } from "../support/memory-answers.ts";
import { conversations } from "../support/memory-commands.ts";
import { MemoryModel } from "../support/memory-model.ts";
import type { OpenedMemories } from "../support/opened-memories.ts";

/** A store does what the model does, whatever it is told, as a test of the group around the call. */
export function memoryPropertyCases(open: () => Promise<OpenedMemories>, { runs }: { runs: number }): void {
  it("answers every conversation as the model does, and holds the same files after each command", async () => {
    await expect(agreesWithModel(open, { runs })).resolves.toBe(undefined);
  });
}

/** Throws, with the shortest conversation it finds, where a store and the model differ. With a seed the runs are always the same. */
export async function agreesWithModel(
  open: () => Promise<OpenedMemories>,
  { runs, seed }: { runs: number; seed?: number },
): Promise<void> {
  const property = fc.asyncProperty(conversations, async (commands) => {
    await using opened = await open();
    const model = new MemoryModel();
    for (const command of commands) {
      expect(await outcome(opened.files, command)).toEqual(await outcome(model, command));
      expect(await treeOf(opened.files)).toEqual(await treeOf(model));
    }
  });
  await fc.assert(property, { numRuns: runs, ...(seed !== undefined && { seed }) });
}

/** The answer, or the code of the failure where the store has words of its own. */
async function outcome(files: MemoryFiles, command: MemoryCommand): Promise<unknown> {
  const codes: string[] = [];
  const answer = await runMemoryCommand(watched(files, codes), command);
  return codes[0] ?? answer;
}

/** The store, and in `codes` why it refused something. */
function watched(files: MemoryFiles, codes: string[]): MemoryFiles {
  return new Proxy(files, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return async (...given: unknown[]) => {
        try {
          return await Reflect.apply(method, target, given);
        } catch (error) {
          if (error instanceof AppError) codes.push(error.code);
          throw error;
        }
      };
    },
  });
}
