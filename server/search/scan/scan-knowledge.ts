import { wordsOf } from "../../../contract/memory-prefix.ts";
import { LIMITS } from "../../../contract/limits.ts";
import { maskSecrets } from "../../../contract/secrets.ts";
import { headingOf, titleOf, type Title } from "../../knowledge/document.ts";
import { readStoredText } from "../../knowledge/stored-text.ts";
import { LAYOUT } from "../../storage/layout.ts";
import { holdsPhrase, meets, type Conditions } from "../query/conditions.ts";
import { END, type Document, type FoundLine, type Part, type Scan, type SearchTask } from "./job.ts";
import { literalFinder, type Literal } from "../words/literal.ts";
import { snippet } from "../words/snippet.ts";
import { Summarizer, type Summary } from "../ranking/summarizer.ts";
import { WEIGHTS } from "../words/weights.ts";

type KnowledgeSource = Extract<Document, { kind: "knowledge" }>;

/** Searches one knowledge file or overview. Throws ENOENT when it is gone, `forbidden` when it is a link, `too_large`. */
export function* scanKnowledge(
  scan: Pick<Scan, "root">,
  task: SearchTask,
  source: KnowledgeSource,
  sourceNumber: number,
): Generator<Part> {
  const { bytes } = readStoredText(scan.root, source.workspaceId, source.path);
  const text = maskSecrets(bytes.toString("utf8"));
  if (task.kind === "literal") yield* literalParts(task, text, source, sourceNumber);
  else yield* textParts(task, text, source, sourceNumber);
  yield { type: "reached", sourceNumber, line: END };
}

function* literalParts(
  { want, ...literal }: Literal & { want: number },
  text: string,
  { path, fromLine }: KnowledgeSource,
  sourceNumber: number,
): Generator<Part> {
  const lines = Array.from(Iterator.from(literalLines(text, literal, fromLine)).take(want));
  if (lines.length === 0) return;
  yield { type: "title", sourceNumber, title: titleIn(text, path).text };
  yield { type: "lines", sourceNumber, lines };
}

function* textParts(
  task: Exclude<SearchTask, { kind: "literal" }>,
  text: string,
  source: KnowledgeSource,
  sourceNumber: number,
): Generator<Part> {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const title = titleIn(text, source.path);
  yield { type: "title", sourceNumber, title: title.text };
  yield* partsIn({ text, lines, title }, task, source, sourceNumber);
}

function titleIn(text: string, path: string | undefined): Title {
  const beginning = Buffer.from(text.slice(0, LIMITS.knowledge.titleScanBytes));
  return titleOf(beginning, path ?? LAYOUT.overview);
}

interface ReadText {
  text: string;
  lines: readonly string[];
  title: Title;
}

/** What the task finds in the text: one part, or none. */
function* partsIn(
  { text, lines, title }: ReadText,
  task: Exclude<SearchTask, { kind: "literal" }>,
  { path, fromLine }: KnowledgeSource,
  sourceNumber: number,
): Generator<Part> {
  if (task.kind === "text") yield textOf(lines, fromLine, sourceNumber);
  else if (meets(path === undefined ? [text] : [path, text], task)) {
    const summarizer = new Summarizer(task.words, task.rarity);
    const summary = summaryOf(summarizer, { lines, title, path, conditions: task });
    if (summary !== undefined) yield { type: "summary", sourceNumber, summary };
  }
}

/** The lines from a line on that hold the literal, which is on one line. */
function* literalLines(text: string, literal: Literal, fromLine: number): Generator<FoundLine> {
  const find = literalFinder(text, literal);
  let [line, start] = [1, 0];
  for (let place = find(0); place !== undefined; place = find(start)) {
    for (let end = lineEnd(text, start); end < place.start; end = lineEnd(text, start)) {
      start = end + 1;
      line += 1;
    }
    const end = lineEnd(text, place.end);
    if (line >= fromLine)
      yield { line, snippet: snippet(text.slice(start, end), place.start - start, place.end - start) };
    start = end + 1;
    line += 1;
  }
}

function lineEnd(text: string, from: number): number {
  const feed = text.indexOf("\n", from);
  return feed === -1 ? text.length : feed;
}

interface Summarized {
  lines: readonly string[];
  title: Title;
  path: string | undefined;
  conditions: Conditions;
}

/** An overview's path says nothing about it. */
function summaryOf(
  summarizer: Summarizer,
  { lines, title, path, conditions }: Summarized,
): Summary | undefined {
  if (path !== undefined) summarizer.setContext(wordsOf(path), WEIGHTS.field.path);
  for (const [index, text] of lines.entries()) {
    const isHeading = headingOf(text) !== undefined;
    const field = isHeading ? WEIGHTS.field.heading : WEIGHTS.field.line;
    const weight = field * (holdsPhrase(text, conditions) ? WEIGHTS.phrase : 1);
    summarizer.add({ line: index + 1, text, weight, isHeading }, () => ({}));
  }
  return summarizer.summary(() => ({
    line: title.line,
    snippet: snippet(title.text, 0),
  }));
}

function textOf(lines: readonly string[], fromLine: number, sourceNumber: number): Part {
  const wanted = lines.slice(fromLine - 1);
  const passages = [{ line: fromLine, isStepped: true, rows: wanted.length }];
  return {
    type: "text",
    sourceNumber,
    passages,
    text: new TextEncoder().encode(wanted.map((line) => `${line}\n`).join("")),
  };
}
