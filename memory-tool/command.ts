import * as z from "zod";

export const MEMORY_TOOL_TITLE = "Use your memory directory";
export const MEMORY_TOOL_DESCRIPTION =
  "Your memory directory /memories: files of your own that outlast this conversation. View /memories before you start. " +
  "Commands: view (path, view_range), create (path, file_text), str_replace (path, old_str, new_str), " +
  "insert (path, insert_line, insert_text), delete (path), rename (old_path, new_path), clear_all_memory. " +
  "Nothing that exists is overwritten.";

const COMMANDS = ["view", "create", "str_replace", "insert", "delete", "rename", "clear_all_memory"] as const;

/** One shape for all commands, flat as models know it; which argument a command needs is told when it is missing. */
export const MEMORY_ARGUMENTS = {
  command: z.enum(COMMANDS),
  path: optional(z.string().describe("File or folder, for example /memories/notes.md")),
  view_range: optional(
    z.array(z.int()).length(2).describe("view: first and last line to show; -1 is the last one of the file"),
  ),
  file_text: optional(z.string().describe("create: content of the new file")),
  old_str: optional(z.string().describe("str_replace: text that stands in the file exactly once")),
  new_str: optional(z.string().describe("str_replace: what to put there; left out, old_str is deleted")),
  insert_line: optional(z.int().describe("insert: line after which the text goes; 0 is the beginning")),
  insert_text: optional(z.string().describe("insert: the text")),
  old_path: optional(z.string().describe("rename: the file or folder")),
  new_path: optional(z.string().describe("rename: its new path; nothing may be there yet")),
};

/** What a model asks the memory tool to do. */
export const MemoryCommand = z.strictObject(MEMORY_ARGUMENTS);
export type MemoryCommand = z.infer<typeof MemoryCommand>;

/** One that may be left out. Clients that know all arguments send `null` for those that a command does not use. */
export function optional<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => (value === null ? undefined : value), schema.optional()).optional();
}
