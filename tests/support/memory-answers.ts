import type { MemoryCommand } from "../../memory-tool/command.ts";
import type { MemoryFiles } from "../../memory-tool/files.ts";
import { type MemoryAnswer, runMemoryCommand } from "../../memory-tool/run.ts";

export const NOTES = "/memories/notes.md";
/** Makes a file of three lines. */
export const THREE = { command: "create", path: NOTES, file_text: "one\ntwo\nthree\n" } as const;

/** What a command that was carried out answers. */
export function done(text: string): MemoryAnswer {
  return { text, isError: false };
}

/** What one that was not answers. */
export function refused(text: string): MemoryAnswer {
  return { text, isError: true };
}

/** Carries out commands one after the other, and gives the last one's answer. */
export async function told(files: MemoryFiles, ...commands: MemoryCommand[]): Promise<MemoryAnswer> {
  let answer = refused("no command");
  for (const command of commands) answer = await runMemoryCommand(files, command);
  return answer;
}

/** Every file by its path, as text, through the port alone. */
export async function treeOf(files: MemoryFiles, path = ""): Promise<Record<string, string>> {
  const entries = await files.list(path);
  const texts = await Promise.all(entries.map((entry) => partOf(files, entry.path, path)));
  return Object.assign({}, ...texts);
}

/** A file's text, or what lies below the folders at the end of what a listing of `above` shows. */
async function partOf(files: MemoryFiles, path: string, above: string): Promise<Record<string, string>> {
  const file = await files.read(path);
  if (file !== undefined) return { [path]: file.bytes.toString("latin1") };
  const depth = path.split("/").length - (above === "" ? 0 : above.split("/").length);
  return depth === 2 ? treeOf(files, path) : {};
}
