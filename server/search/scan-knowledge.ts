import { maskSecrets } from "../../contract/secrets.ts";
import { Folder } from "../../disk/folder.ts";
import { TITLE_SCAN_BYTES, titleOf } from "../knowledge/document.ts";
import { LAYOUT } from "../storage/layout.ts";
import { END, type Part, type Scan, type SearchTask, type Source } from "./job.ts";
import { fold, snippet } from "./match.ts";
import { Summarizer } from "./summarizer.ts";

const FIELD_WEIGHT = { path: 1.6, heading: 1.5, line: 1 };
/** A markdown heading with a text. */
const HEADING = /^ {0,3}#{1,6}[ \t]+\S/;

type KnowledgeSource = Extract<Source, { kind: "knowledge" }>;

/** Searches one knowledge file or overview. */
export async function* scanKnowledge(
  scan: Scan,
  task: SearchTask,
  source: KnowledgeSource,
  index: number,
): AsyncGenerator<Part> {
  const text = await readKnowledgeText(scan.root, source);
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const path = source.path ?? LAYOUT.overview;
  yield { type: "title", source: index, title: titleOf(Buffer.from(text.slice(0, TITLE_SCAN_BYTES)), path) };
  if (task.kind === "literal") yield* literalLines(task.needle, lines, { fromLine: source.fromLine, index });
  else if (task.kind === "ranked") yield* summarizeLines(new Summarizer(task.words), { lines, path }, index);
  else yield textOf(lines, source.fromLine, index);
  yield { type: "reached", source: index, line: END };
}

function* literalLines(
  needle: string,
  lines: readonly string[],
  { fromLine, index }: { fromLine: number; index: number },
): Generator<Part> {
  const found = lines.slice(fromLine - 1).flatMap((text, offset) => {
    const start = fold(text).indexOf(needle);
    if (start === -1) return [];
    return [{ line: fromLine + offset, snippet: snippet(text, start, start + needle.length) }];
  });
  if (found.length > 0) yield { type: "lines", source: index, lines: found };
}

function* summarizeLines(
  summarizer: Summarizer,
  { lines, path }: { lines: readonly string[]; path: string },
  source: number,
): Generator<Part> {
  summarizer.addContext(path, FIELD_WEIGHT.path);
  for (const [index, text] of lines.entries()) {
    const weight = HEADING.test(text) ? FIELD_WEIGHT.heading : FIELD_WEIGHT.line;
    summarizer.add({ line: index + 1, text, weight }, () => ({}));
  }
  const summary = summarizer.summary();
  if (summary !== undefined) yield { type: "summary", source, summary };
}

function textOf(lines: readonly string[], fromLine: number, source: number): Part {
  const wanted = lines.slice(fromLine - 1);
  const passages = [{ line: fromLine, stepped: true, rows: wanted.length }];
  return {
    type: "text",
    source,
    passages,
    text: new TextEncoder().encode(wanted.map((line) => `${line}\n`).join("")),
  };
}

/** A knowledge file or overview, masked. Throws ENOENT when it is gone, `forbidden` when it is a link. */
async function readKnowledgeText(root: string, source: KnowledgeSource): Promise<string> {
  await using base = await Folder.open(root);
  const names = source.path?.split("/") ?? [];
  const file = names.pop() ?? LAYOUT.overview;
  const inner = source.path === undefined ? [] : [LAYOUT.knowledge, ...names];
  await using folder = await base.enter(LAYOUT.workspaces, source.workspaceId, ...inner);
  await using handle = await folder.openFile(file);
  return maskSecrets(await handle.readFile("utf8"));
}
