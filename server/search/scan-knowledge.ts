import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { maskSecrets } from "../../contract/secrets.ts";
import { readWhole } from "../../disk/atomic-file.ts";
import { headingOf, titleOf, type Title } from "../knowledge/document.ts";
import { Place } from "../knowledge/place.ts";
import { LAYOUT } from "../storage/layout.ts";
import { END, type Document, type FoundLine, type Part, type Scan, type SearchTask } from "./job.ts";
import { nameOf } from "./list-files.ts";
import { fold } from "../index/fold.ts";
import { snippet } from "./match.ts";
import { Summarizer, type Summary } from "./summarizer.ts";

/** A title counts little when it is shown only because the path holds a word. */
const FIELD_WEIGHT = { path: 1.6, heading: 1.5, line: 1, title: 0.8 };

type KnowledgeSource = Extract<Document, { kind: "knowledge" }>;

/** Searches one knowledge file or overview. Throws ENOENT when it is gone, `forbidden` when it is a link, `too_large`. */
export async function* scanKnowledge(
  scan: Scan,
  task: SearchTask,
  source: KnowledgeSource,
  index: number,
): AsyncGenerator<Part> {
  const text = maskSecrets(await readText(scan.root, source));
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const beginning = Buffer.from(text.slice(0, LIMITS.knowledge.titleScanBytes));
  const title = titleOf(beginning, source.path ?? LAYOUT.overview);
  yield { type: "title", source: index, title: title.text };
  if (task.kind === "literal") {
    const found = literalLines(task, lines, source.fromLine);
    if (found.length > 0) yield { type: "lines", source: index, lines: found };
  } else if (task.kind === "text") yield textOf(lines, source.fromLine, index);
  else {
    const summary = summaryOf(new Summarizer(task.words), { lines, title, path: source.path });
    if (summary !== undefined) yield { type: "summary", source: index, summary };
  }
  yield { type: "reached", source: index, line: END };
}

/** At most as many as are wanted. */
function literalLines(
  { needle, want }: { needle: string; want: number },
  lines: readonly string[],
  fromLine: number,
): FoundLine[] {
  const found: FoundLine[] = [];
  for (const [offset, text] of lines.slice(fromLine - 1).entries()) {
    const start = fold(text).indexOf(needle);
    if (start === -1) continue;
    found.push({ line: fromLine + offset, snippet: snippet(text, start, start + needle.length) });
    if (found.length === want) break;
  }
  return found;
}

/** An overview's path says nothing about it. */
function summaryOf(
  summarizer: Summarizer,
  { lines, title, path }: { lines: readonly string[]; title: Title; path: string | undefined },
): Summary | undefined {
  if (path !== undefined) summarizer.setContext(nameOf(path), FIELD_WEIGHT.path);
  for (const [index, text] of lines.entries()) {
    const weight = headingOf(text) === undefined ? FIELD_WEIGHT.line : FIELD_WEIGHT.heading;
    summarizer.add({ line: index + 1, text, weight }, () => ({}));
  }
  return summarizer.summary(() => ({
    line: title.line,
    weight: FIELD_WEIGHT.title,
    snippet: snippet(title.text, 0),
  }));
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

async function readText(root: string, { workspaceId, path }: KnowledgeSource): Promise<string> {
  const place =
    path === undefined ? Place.overview(root, workspaceId) : Place.knowledge(root, workspaceId, path);
  await using folder = await place.enterFolder();
  await using handle = await folder.openFile(place.name);
  const bytes = await readWhole(handle, mostBytes(path));
  if (bytes === undefined) throw new AppError("too_large", `"${place.path}" was made too long by hand`);
  return bytes.toString("utf8");
}

/** What a knowledge file or, without a path, an overview may have. */
export function mostBytes(path: string | undefined): number {
  return path === undefined ? LIMITS.overview.fileBytes : LIMITS.knowledge.fileBytes;
}
