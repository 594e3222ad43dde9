import type { MemoryCommand } from "../../memory-tool/command.ts";

const NOTES = "/memories/notes.md";
const LINES = "one\ntwo\nthree\nfour\nfive\nsix\nseven";

const EDITED =
  "The memory file has been edited. Here is the snippet showing the change (with line numbers):\n";
/** What is there before the SDK and we differ. */
export const BEFORE: readonly MemoryCommand[] = [
  { command: "create", path: NOTES, file_text: LINES },
  { command: "create", path: "/memories/a/b", file_text: "b b\n" },
];

/** Commands to which the SDK and we say the same. */
export const ALIKE: readonly MemoryCommand[] = [
  { command: "view", path: "/memories" },
  { command: "view", path: NOTES },
  { command: "create", path: NOTES, file_text: LINES },
  { command: "create", path: NOTES, file_text: "again" },
  { command: "create", path: "/memories/a/b/c/d.md", file_text: "x".repeat(4096) },
  { command: "create", path: "/memories/a/crlf.md", file_text: "one\r\ntwo\r\n" },
  { command: "create", path: "/memories/node_modules/x", file_text: "" },
  { command: "create", path: "/memories/caf\u00e9.md", file_text: "\u{1f600}" },
  { command: "create", path: "/memories/Z.md", file_text: "x".repeat(1536) },
  { command: "create", path: "/memories/a-b/x", file_text: "" },
  { command: "view", path: "/memories" },
  { command: "view", path: "/memories/a" },
  { command: "view", path: NOTES },
  { command: "view", path: "/memories/a/crlf.md" },
  { command: "view", path: "/memories/a-b/x" },
  { command: "view", path: NOTES, view_range: [2, 3] },
  { command: "view", path: NOTES, view_range: [6, -1] },
  { command: "view", path: NOTES, view_range: [-3, 2] },
  { command: "view", path: NOTES, view_range: [6, 99] },
  { command: "view", path: NOTES, view_range: [90, 99] },
  { command: "view", path: NOTES, view_range: [3, 2] },
  { command: "str_replace", path: NOTES, old_str: "four", new_str: "4" },
  { command: "str_replace", path: NOTES, old_str: "one", new_str: "$& $1 $$" },
  { command: "str_replace", path: NOTES, old_str: "seven", new_str: "" },
  { command: "str_replace", path: "/memories/a/crlf.md", old_str: "two", new_str: "2" },
  { command: "str_replace", path: NOTES, old_str: "eight", new_str: "8" },
  { command: "str_replace", path: NOTES, old_str: "t", new_str: "T" },
  { command: "str_replace", path: "/memories/none", old_str: "a", new_str: "b" },
  { command: "insert", path: NOTES, insert_line: 0, insert_text: "zero\n" },
  { command: "insert", path: NOTES, insert_line: 3, insert_text: "between\nlines" },
  { command: "insert", path: NOTES, insert_line: 10, insert_text: "last" },
  { command: "insert", path: "/memories/a/crlf.md", insert_line: 1, insert_text: "1.5\r\n" },
  { command: "insert", path: "/memories/a-b/x", insert_line: 1, insert_text: "x" },
  { command: "insert", path: NOTES, insert_line: 99, insert_text: "x" },
  { command: "insert", path: NOTES, insert_line: -1, insert_text: "x" },
  { command: "view", path: NOTES },
  { command: "view", path: "/memories/a/crlf.md" },
  { command: "view", path: "/memories/a-b/x" },
  { command: "rename", old_path: "/memories/a/b", new_path: "/memories/new/place" },
  { command: "rename", old_path: NOTES, new_path: "/memories/Z.md" },
  { command: "rename", old_path: NOTES, new_path: "/memories/new" },
  { command: "rename", old_path: NOTES, new_path: NOTES },
  { command: "rename", old_path: "/memories/none", new_path: "/memories/other" },
  { command: "rename", old_path: "/memories", new_path: "/memories/other" },
  { command: "view", path: "/memories/new/place/c/d.md", view_range: [1, 1] },
  { command: "delete", path: "/memories/Z.md" },
  { command: "delete", path: "/memories/Z.md" },
  { command: "delete", path: "/memories/new" },
  { command: "delete", path: "/memories" },
  { command: "view", path: "/etc/passwd" },
  { command: "create", path: "memories/a", file_text: "" },
  { command: "view", path: "/memories/../../etc/passwd" },
];

/** What the SDK does badly: what it says, and what we say instead. */
export const BETTER: readonly {
  why: string;
  command: MemoryCommand;
  sdk: string | RegExp;
  ours: string | RegExp;
}[] = [
  {
    why: "texts that span lines are found",
    command: { command: "str_replace", path: NOTES, old_str: "two\nthree", new_str: "2" },
    sdk: `No replacement was performed, old_str \`two\nthree\` did not appear verbatim in ${NOTES}.`,
    ours: `${EDITED}     1\tone\n     2\t2\n     3\tfour\n     4\tfive`,
  },
  {
    why: "a text that stands twice in one line is not unique",
    command: { command: "str_replace", path: "/memories/a/b", old_str: "b", new_str: "c" },
    sdk: `${EDITED}     1\tc b\n     2\t`,
    ours: "No replacement was performed. Multiple occurrences of old_str `b` in lines: 1. Please ensure it is unique",
  },
  {
    why: "an empty old_str is refused as such",
    command: { command: "str_replace", path: NOTES, old_str: "", new_str: "x" },
    sdk: "No replacement was performed. Multiple occurrences of old_str `` in lines: 1, 2, 3, 4, 5, 6, 7. Please ensure it is unique",
    ours: "No replacement was performed. old_str must not be empty.",
  },
  {
    why: "an omitted new_str deletes",
    command: { command: "str_replace", path: NOTES, old_str: "one" },
    sdk: `${EDITED}     1\tundefined\n     2\ttwo\n     3\tthree`,
    ours: `${EDITED}     1\t\n     2\ttwo\n     3\tthree`,
  },
  {
    why: "the snippet goes on behind a new text of several lines",
    command: { command: "str_replace", path: NOTES, old_str: "two", new_str: "2\n2.1\n2.2\n2.3" },
    sdk: `${EDITED}     1\tone\n     2\t2\n     3\t2.1\n     4\t2.2`,
    ours: `${EDITED}     1\tone\n     2\t2\n     3\t2.1\n     4\t2.2\n     5\t2.3\n     6\tthree\n     7\tfour`,
  },
  {
    why: "the documentation's sentence for an edit of a directory",
    command: { command: "str_replace", path: "/memories/a", old_str: "a", new_str: "b" },
    sdk: "The path /memories/a is not a file.",
    ours: "Error: The path /memories/a does not exist. Please provide a valid path.",
  },
  {
    why: "the documentation's sentence for an insertion into a directory",
    command: { command: "insert", path: "/memories/a", insert_line: 0, insert_text: "b" },
    sdk: "The path /memories/a is not a file.",
    ours: "Error: The path /memories/a does not exist",
  },
  {
    why: "the documentation's sentence for an insertion into what is not there",
    command: { command: "insert", path: "/memories/none", insert_line: 0, insert_text: "b" },
    sdk: "The path /memories/none does not exist. Please provide a valid path.",
    ours: "Error: The path /memories/none does not exist",
  },
  {
    why: "no doubled slashes after one at the end",
    command: { command: "view", path: "/memories/a/" },
    sdk: /\n4B\t\/memories\/a\/\/b$/,
    ours: /:\n4B\t\/memories\/a\n4B\t\/memories\/a\/b$/,
  },
  {
    why: "a range that ends before the beginning is empty",
    command: { command: "view", path: NOTES, view_range: [1, -6] },
    sdk: `Here's the content of ${NOTES} with line numbers:\n     1\tone`,
    ours: `Here's the content of ${NOTES} with line numbers:\n`,
  },
  {
    why: "the root's name must end where it ends",
    command: { command: "create", path: "/memoriesX/a", file_text: "" },
    sdk: "File created successfully at: /memoriesX/a",
    ours: "Path must start with /memories, got: /memoriesX/a",
  },
  {
    why: "encoded dots are refused",
    command: { command: "create", path: "/memories/%2e%2e/a", file_text: "" },
    sdk: "File created successfully at: /memories/%2e%2e/a",
    ours: "Path /memories/%2e%2e/a would escape /memories directory",
  },
  {
    why: "dots are refused also where they lead back in",
    command: { command: "create", path: "/memories/x/../y", file_text: "" },
    sdk: "File created successfully at: /memories/x/../y",
    ours: "Path /memories/x/../y would escape /memories directory",
  },
  {
    why: "what no listing shows is not created",
    command: { command: "create", path: "/memories/.x", file_text: "" },
    sdk: "File created successfully at: /memories/.x",
    ours: "Path /memories/.x is not allowed: a segment begins with '.', '-' or '~'",
  },
  {
    why: "a sentence for a directory that is renamed into itself",
    command: { command: "rename", old_path: "/memories/a", new_path: "/memories/a/c" },
    sdk: /^EINVAL: /,
    ours: "Error: Cannot rename /memories/a into itself: /memories/a/c",
  },
  {
    why: "a sentence for a file where a directory is needed",
    command: { command: "create", path: `${NOTES}/b`, file_text: "" },
    sdk: /^ENOTDIR: /,
    ours: /^Error: .*is a file, so nothing can be below it/,
  },
  {
    why: "what is to be renamed is looked for first",
    command: { command: "rename", old_path: "/memories/none", new_path: NOTES },
    sdk: `The destination ${NOTES} already exists`,
    ours: "Error: The path /memories/none does not exist",
  },
];
