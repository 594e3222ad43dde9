import { LIMITS } from "../../../contract/limits.ts";
import { maskSecrets } from "../../../contract/secrets.ts";
import { headingOf, titleOf, type Title } from "../../knowledge/document.ts";
import { readStoredText } from "../../knowledge/stored-text.ts";
import { LAYOUT } from "../../storage/layout.ts";
import { holdsPhrase, meets, type Conditions } from "../query/conditions.ts";
import { END, type Document, type FoundLine, type Part, type Scan, type SearchTask } from "./job.ts";
import { nameOf } from "./list-files.ts";
import { findLiteral, type Literal } from "../words/literal.ts";
import { snippet } from "../words/snippet.ts";
import { Summarizer, type Summary } from "../ranking/summarizer.ts";
import { WEIGHTS } from "../words/weights.ts";

type KnowledgeSource = Extract<Document, { kind: "knowledge" }>;

/** Searches one knowledge file or overview. Throws ENOENT when it is gone, `forbidden` when it is a link, `too_large`. */
export async function* scanKnowledge(
  scan: Scan,
  task: SearchTask,
  source: KnowledgeSource,
  sourceNumber: number,
): AsyncGenerator<Part> {
  const { bytes } = readStoredText(scan.root, source.workspaceId, source.path);
  const text = maskSecrets(bytes.toString("utf8"));
  if (task.kind === "literal" && findLiteral(text, task) === undefined) {
    yield { type: "reached", sourceNumber, line: END };
    return;
  }
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const beginning = Buffer.from(text.slice(0, LIMITS.knowledge.titleScanBytes));
  const title = titleOf(beginning, source.path ?? LAYOUT.overview);
  yield { type: "title", sourceNumber, title: title.text };
  yield* partsIn({ text, lines, title }, task, source, sourceNumber);
  yield { type: "reached", sourceNumber, line: END };
}

interface ReadText {
  text: string;
  lines: readonly string[];
  title: Title;
}

/** What the task finds in the text: one part, or none. */
function* partsIn(
  { text, lines, title }: ReadText,
  task: SearchTask,
  { path, fromLine }: KnowledgeSource,
  sourceNumber: number,
): Generator<Part> {
  if (task.kind === "literal") {
    const found = literalLines(task, lines, fromLine);
    if (found.length > 0) yield { type: "lines", sourceNumber, lines: found };
  } else if (task.kind === "text") yield textOf(lines, fromLine, sourceNumber);
  else if (meets(path === undefined ? [text] : [path, text], task)) {
    const summarizer = new Summarizer(task.words, task.rarity);
    const summary = summaryOf(summarizer, { lines, title, path, conditions: task });
    if (summary !== undefined) yield { type: "summary", sourceNumber, summary };
  }
}

/** At most as many as are wanted. */
function literalLines(
  { want, ...literal }: Literal & { want: number },
  lines: readonly string[],
  fromLine: number,
): FoundLine[] {
  const found: FoundLine[] = [];
  for (const [offset, text] of lines.slice(fromLine - 1).entries()) {
    const place = findLiteral(text, literal);
    if (place === undefined) continue;
    found.push({ line: fromLine + offset, snippet: snippet(text, place.start, place.end) });
    if (found.length === want) break;
  }
  return found;
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
  if (path !== undefined) summarizer.setContext(nameOf(path), WEIGHTS.field.path);
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
