import { LIMITS } from "../contract/limits.ts";
import { presentable } from "../contract/secrets.ts";
import { incomplete, canonicalPath } from "./arguments.ts";
import type { MemoryCommand } from "./command.ts";
import { insertAfter, replaceOnce } from "./edit.ts";
import type { MemoryFiles } from "./files.ts";
import { imageTypeOf } from "./image.ts";
import { numbered } from "./numbered-lines.ts";
import { shownPath } from "./path.ts";
import { Refusal } from "./refusal.ts";
import { bytesOf, textOf } from "./text-bytes.ts";
import { TEXTS } from "./texts.ts";

const { contextLines, tries } = LIMITS.memories;

/** What an edit makes of a file, and how its caller is told. */
interface Edited {
  text: string;
  answer: string;
}

/** The command `str_replace`. */
export async function strReplace(files: MemoryFiles, command: MemoryCommand): Promise<string> {
  const { path: given, old_str: old, new_str: put = "" } = command;
  if (given === undefined || old === undefined)
    throw incomplete("str_replace", { path: given, old_str: old });
  const path = canonicalPath(given);
  const missing = TEXTS.nothingToReplaceIn(shownPath(path));
  return edit(files, { path, missing }, (text) => {
    if (old === "") throw new Refusal(TEXTS.emptyOld);
    const replaced = replaceOnce(text, { old, new: put });
    if ("missing" in replaced) throw new Refusal(TEXTS.notFound(shownPath(path), old));
    if ("lines" in replaced) throw new Refusal(TEXTS.notUnique(old, replaced.lines));
    return { text: replaced.text, answer: `${TEXTS.replaced}\n${snippet(replaced)}` };
  });
}

/** The command `insert`. */
export async function insert(files: MemoryFiles, command: MemoryCommand): Promise<string> {
  const { path: given, insert_line: line, insert_text: inserted } = command;
  if (given === undefined || line === undefined || inserted === undefined)
    throw incomplete("insert", { path: given, insert_line: line, insert_text: inserted });
  const path = canonicalPath(given);
  const missing = TEXTS.missing(shownPath(path));
  return edit(files, { path, missing }, (text) => {
    const result = insertAfter(text, { line, inserted });
    if ("range" in result) throw new Refusal(TEXTS.noSuchLine(line, result.range));
    return { text: result.text, answer: TEXTS.inserted(shownPath(path)) };
  });
}

/** Reads, computes, and writes only what nobody has changed meanwhile; else all of it once more, a few times. */
async function edit(
  files: MemoryFiles,
  { path, missing }: { path: string; missing: string },
  compute: (text: string) => Edited,
): Promise<string> {
  for (let round = 0; round < tries; round += 1) {
    const file = await files.read(path);
    if (file === undefined) throw new Refusal(round === 0 ? missing : TEXTS.gone(shownPath(path)));
    const { text, answer } = compute(editable(path, file.bytes));
    if ((await files.replace(path, bytesOf(text), file.sha256)) === "done") return answer;
  }
  throw new Refusal(TEXTS.contended(shownPath(path)));
}

function editable(path: string, bytes: Buffer): string {
  if (imageTypeOf(path, bytes) !== undefined) throw new Refusal(TEXTS.noText(shownPath(path)));
  const text = textOf(bytes);
  if (text === undefined) throw new Refusal(TEXTS.notUtf8(shownPath(path)));
  return text;
}

/** The changed lines, and some around them. */
function snippet({
  text,
  firstLine,
  lastLine,
}: {
  text: string;
  firstLine: number;
  lastLine: number;
}): string {
  const lines = presentable(text).split("\n");
  const first = Math.max(1, firstLine - contextLines);
  return numbered(lines.slice(first - 1, lastLine + contextLines), { first, all: lines.length });
}
