import { LIMITS } from "../contract/limits.ts";
import { presentable } from "../contract/secrets.ts";
import { clipped } from "./clipped-text.ts";

const { faultChars } = LIMITS.answer;
const { namedLines, viewLines } = LIMITS.memories;

/**
 * Every sentence of the memory tool. Models were trained on most of them and programs compare them: they stay as Anthropic's
 * documentation and SDK spell them, `Error: ` included or not.
 */
export const TEXTS = {
  outside: (given: string) => `Path must start with /memories, got: ${repeated(given)}`,
  escapes: (given: string) => `Path ${repeated(given)} would escape /memories directory`,
  refusedPath: (given: string, fault: string) => `Path ${repeated(given)} is not allowed: ${fault}`,
  linked: "Path would escape /memories directory via symlink",
  needs: (command: string, names: readonly string[]) =>
    `Error: The command "${command}" needs ${names.join(" and ")}`,
  failed: (sentences: string) => `Error: ${sentences}`,

  folder: (path: string) =>
    `Here're the files and directories up to 2 levels deep in ${path}, excluding hidden items and node_modules:`,
  moreEntries: (counts: { shown: number; all: number }) =>
    `[Truncated: ${counts.shown} of ${counts.all} entries are shown. View a folder of it to see what is in there]`,
  file: (path: string) => `Here's the content of ${path} with line numbers:`,
  moreLines: (lines: { from: number; to: number; all: number }) =>
    `[Truncated: lines ${lines.from}-${lines.to} of ${lines.all} are shown. Use view_range to see more]`,
  longLine: (lines: { line: number; all: number }) =>
    `[Truncated: line ${lines.line} of ${lines.all} is too long to be shown whole. Use view_range to see the lines behind it]`,
  notThere: (path: string) => `The path ${path} does not exist. Please provide a valid path.`,
  tooManyLines: (path: string, lines: number) =>
    `File ${path} has too many lines (${lines}). Maximum is ${viewLines.toLocaleString("en")} lines.`,
  notUtf8: (path: string) => `The file ${path} is not a valid UTF-8 text file`,
  largeImage: (path: string, bytes: number) =>
    `The image ${path} is too large to be shown (${bytes} bytes). Maximum is ${LIMITS.memories.imageBytes} bytes.`,
  gone: (path: string) =>
    `The file ${path} no longer exists (may have been deleted or renamed concurrently).`,

  created: (path: string) => `File created successfully at: ${path}`,
  exists: (path: string) => `Error: File ${path} already exists`,
  notText: "The text holds NUL or half a character, which no text file can",
  tooLarge: (bytes: number) =>
    `The file would have ${bytes} bytes. Maximum is ${LIMITS.knowledge.fileBytes} bytes`,

  replaced: "The memory file has been edited. Here is the snippet showing the change (with line numbers):",
  nothingToReplaceIn: (path: string) =>
    `Error: The path ${path} does not exist. Please provide a valid path.`,
  emptyOld: "No replacement was performed. old_str must not be empty.",
  notFound: (path: string, old: string) =>
    `No replacement was performed, old_str \`${repeated(old)}\` did not appear verbatim in ${path}.`,
  notUnique: (old: string, lines: readonly number[]) =>
    `No replacement was performed. Multiple occurrences of old_str \`${repeated(old)}\` in lines: ${named(lines)}. Please ensure it is unique`,

  inserted: (path: string) => `The file ${path} has been edited.`,
  noSuchLine: (line: number, lines: number) =>
    `Error: Invalid \`insert_line\` parameter: ${line}. It should be within the range of lines of the file: [0, ${lines}]`,
  noText: (path: string) => `The path ${path} is not a text file.`,
  contended: (path: string) =>
    `Error: The file ${path} is being changed by others again and again. Nothing was edited; view it and try again`,

  missing: (path: string) => `Error: The path ${path} does not exist`,
  deleted: (path: string) => `Successfully deleted ${path}`,
  rootStays: (verb: "delete" | "rename") => `Cannot ${verb} the /memories directory itself`,
  renamed: (path: { from: string; to: string }) => `Successfully renamed ${path.from} to ${path.to}`,
  destinationExists: (path: string) => `Error: The destination ${path} already exists`,
  intoItself: (path: { from: string; to: string }) =>
    `Error: Cannot rename ${path.from} into itself: ${path.to}`,
  cleared: "All memory cleared",
};

/** What the caller wrote, as far as a sentence can hold it. */
function repeated(given: string): string {
  return clipped(presentable(given), faultChars);
}

function named(lines: readonly number[]): string {
  return lines.slice(0, namedLines).join(", ") + (lines.length > namedLines ? ", …" : "");
}
