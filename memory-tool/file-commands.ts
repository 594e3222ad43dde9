import { incomplete, canonicalPath } from "./arguments.ts";
import type { MemoryCommand } from "./command.ts";
import type { MemoryFiles } from "./files.ts";
import { shownPath } from "./path.ts";
import { Refusal } from "./refusal.ts";
import { bytesOf } from "./text-bytes.ts";
import { TEXTS } from "./texts.ts";

/** The command `create`. */
export async function create(files: MemoryFiles, command: MemoryCommand): Promise<string> {
  const { path: given, file_text: text } = command;
  if (given === undefined || text === undefined) throw incomplete("create", { path: given, file_text: text });
  const path = canonicalPath(given);
  const result = path === "" ? "exists" : await files.create(path, bytesOf(text));
  if (result === "exists") throw new Refusal(TEXTS.exists(shownPath(path)));
  return TEXTS.created(shownPath(path));
}

/** The command `delete`. */
export async function remove(files: MemoryFiles, { path: given }: MemoryCommand): Promise<string> {
  if (given === undefined) throw incomplete("delete", { path: given });
  const path = canonicalPath(given);
  if (path === "") throw new Refusal(TEXTS.rootStays("delete"));
  const result = await files.remove(path);
  if (result === "missing") throw new Refusal(TEXTS.missing(shownPath(path)));
  return TEXTS.deleted(shownPath(path));
}

/** The command `rename`. */
export async function rename(files: MemoryFiles, command: MemoryCommand): Promise<string> {
  const { old_path, new_path } = command;
  if (old_path === undefined || new_path === undefined) throw incomplete("rename", { old_path, new_path });
  const [from, to] = [canonicalPath(old_path), canonicalPath(new_path)];
  if (from === "") throw new Refusal(TEXTS.rootStays("rename"));
  const shown = { from: shownPath(from), to: shownPath(to) };
  const isInto = to.startsWith(`${from}/`) && (await files.look(from)) !== undefined;
  if (isInto) throw new Refusal(TEXTS.intoItself(shown));
  const result = await files.rename(from, to);
  if (result === "missing") throw new Refusal(TEXTS.missing(shown.from));
  if (result === "exists") throw new Refusal(TEXTS.destinationExists(shown.to));
  return TEXTS.renamed(shown);
}

/** The command `clear_all_memory`. */
export async function clear(files: MemoryFiles): Promise<string> {
  await files.clear();
  return TEXTS.cleared;
}
