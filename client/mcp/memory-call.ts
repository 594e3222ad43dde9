import type * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import type { JsonObject } from "../../contract/json.ts";
import { presentable } from "../../contract/secrets.ts";
import { MemoryCommand } from "../../memory-tool/command.ts";
import { type MemoryAnswer, runMemoryCommandAlone } from "../../memory-tool/run.ts";
import { TEXTS } from "../../memory-tool/texts.ts";
import { describeFailure } from "../format.ts";
import type { SharedFolder } from "../memories/shared-folder.ts";

/** Carries out one call of the memory tool, and gives its result as MCP has it. What the model can act on is a result. */
export async function callMemoryTool(memory: SharedFolder, given: unknown): Promise<JsonObject> {
  const parsed = MemoryCommand.safeParse(given ?? {});
  if (!parsed.success) return failed(faultsIn(parsed.error));
  try {
    return resultOf(await runMemoryCommandAlone(memory, parsed.data));
  } catch (error) {
    if (error instanceof AppError) return failed(describeFailure(error));
    throw error;
  }
}

function faultsIn(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => [...path, message].join(": ")).join("; ");
}

function failed(sentences: string): JsonObject {
  return resultOf({ text: TEXTS.failed(presentable(sentences)), isError: true });
}

function resultOf(answer: MemoryAnswer): JsonObject {
  if ("image" in answer) return { content: [{ type: "image", ...answer.image }] };
  return { content: [{ type: "text", text: answer.text }], isError: answer.isError };
}
