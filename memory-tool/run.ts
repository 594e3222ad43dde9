import { AppError } from "../contract/errors.ts";
import { presentable } from "../contract/secrets.ts";
import { insert, strReplace } from "./edit-commands.ts";
import type { MemoryCommand } from "./command.ts";
import type { MemoryFiles, SharedMemoryFiles } from "./files.ts";
import { clear, create, remove, rename } from "./file-commands.ts";
import { Refusal } from "./refusal.ts";
import { TEXTS } from "./texts.ts";
import { type MemoryImage, view } from "./view.ts";

/** What the model gets: a text, or an image in Base64. After an error nothing was changed, unless the text says so. */
export type MemoryAnswer = { text: string; isError: boolean } | MemoryImage;

const COMMANDS = {
  view,
  create,
  str_replace: strReplace,
  insert,
  delete: remove,
  rename,
  clear_all_memory: clear,
} satisfies Record<
  MemoryCommand["command"],
  (files: MemoryFiles, command: MemoryCommand) => Promise<string | MemoryImage>
>;

/**
 * Carries out one command of the memory tool. What the model can act on is an answer, also what the store refuses with an
 * `AppError`; other errors are thrown. Texts are presentable: secrets of ours masked, deceptive characters shown.
 */
export async function runMemoryCommand(files: MemoryFiles, command: MemoryCommand): Promise<MemoryAnswer> {
  try {
    const answer = await COMMANDS[command.command](files, command);
    return typeof answer === "string" ? { text: presentable(answer), isError: false } : answer;
  } catch (error) {
    return { text: presentable(refusalOf(error)), isError: true };
  }
}

/** As `runMemoryCommand`. An edit reads and writes: no other agent's change comes between, so none is ever in vain. */
export function runMemoryCommandAlone(
  files: SharedMemoryFiles,
  command: MemoryCommand,
): Promise<MemoryAnswer> {
  if (command.command === "view") return runMemoryCommand(files, command);
  return files.alone((own) => runMemoryCommand(own, command));
}

/** What a failure says to the model. Throws it on when it is none that a model can act on. */
function refusalOf(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  if (!(error instanceof AppError)) throw error;
  // What a store forbids is following links: who may use it at all was decided before.
  if (error.code === "forbidden") return TEXTS.linked;
  return TEXTS.failed(error.hint === undefined ? error.message : `${error.message}. ${error.hint}`);
}
