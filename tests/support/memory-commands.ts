import * as fc from "fast-check";
import type { MemoryCommand } from "../../memory-tool/command.ts";

/** Few names, so that they often meet: files where folders are wanted, twins but for case, both forms of one letter. */
const BELOW = ["a", "b", "a/b", "a/b/c", "b/a", "A", "A/b", "sessions/x", "x/y/z", "caf\u00e9", "cafe\u0301"];
/** The root, a folder's other spelling, and what is refused. */
const OTHERS = ["/memories", "/memories/", "/memories/a/", "/memories/../a", "/memories/.a", "/a"];
const PATHS = [...BELOW.map((path) => `/memories/${path}`), ...OTHERS];
const TEXTS = ["", "a", "aa", "a\nb\n", "one\r\ntwo\r\n", "$&", "\u{1f600}\n", "\n\n", "\ufeffb"];

const path = fc.constantFrom(...PATHS);
const text = fc.constantFrom(...TEXTS);
const line = fc.integer({ min: -1, max: 4 });

const command: fc.Arbitrary<MemoryCommand> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ command: fc.constant("create"), path, file_text: text }) },
  { weight: 2, arbitrary: fc.record({ command: fc.constant("view"), path }) },
  {
    weight: 1,
    arbitrary: fc.record({ command: fc.constant("view"), path, view_range: fc.tuple(line, line) }),
  },
  {
    weight: 3,
    arbitrary: fc.record(
      { command: fc.constant("str_replace"), path, old_str: text, new_str: text },
      { requiredKeys: ["command", "path", "old_str"] },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({ command: fc.constant("insert"), path, insert_line: line, insert_text: text }),
  },
  { weight: 2, arbitrary: fc.record({ command: fc.constant("delete"), path }) },
  { weight: 4, arbitrary: fc.record({ command: fc.constant("rename"), old_path: path, new_path: path }) },
  { weight: 1, arbitrary: fc.constant({ command: "clear_all_memory" } as const) },
);

/** What a model may do in one conversation, sensible or not. */
export const conversations = fc.array(command, { maxLength: 30, size: "max" });
