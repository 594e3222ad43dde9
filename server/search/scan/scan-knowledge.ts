import { LIMITS } from "../../../contract/limits.ts";
import { maskSecrets } from "../../../contract/secrets.ts";
import { headingOf, titleOf, type Title } from "../../knowledge/document.ts";
import { readStoredText } from "../../knowledge/stored-text.ts";
import { LAYOUT } from "../../storage/layout.ts";
import { holdsPhrase, meets, type Conditions } from "../query/conditions.ts";
import { END, type Document, type FoundLine, type Part, type Scan, type SearchTask } from "./job.ts";
import { nameOf } from "./list-files.ts";
import { findLiteral, snippet, type Literal } from "../words/match.ts";
import { Summarizer, type Summary } from "../ranking/summarizer.ts";
import { WEIGHTS } from "../words/weights.ts";

/** How much more a line counts that holds a phrase of the query: it is the one to show. */
const PHRASE_WEIGHT = 2;

type KnowledgeSource = Extract<Document, { kind: "knowledge" }>;

/** Searches one knowledge file or overview. Throws ENOENT when it is gone, `forbidden` when it is a link, `too_large`. */
export async function* scanKnowledge(
  scan: Scan,
  task: SearchTask,
  source: KnowledgeSource,
  index: number,
): AsyncGenerator<Part> {
  const { bytes } = readStoredText(scan.root, source.workspaceId, source.path);
  const text = maskSecrets(bytes.toString("utf8"));
  if (task.kind === "literal" && findLiteral(text, task) === -1) {
    yield { type: "reached", source: index, line: END };
    return;
  }
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const beginning = Buffer.from(text.slice(0, LIMITS.knowledge.titleScanBytes));
  const title = titleOf(beginning, source.path ?? LAYOUT.overview);
  yield { type: "title", source: index, title: title.text };
  if (task.kind === "literal") {
    const found = literalLines(task, lines, source.fromLine);
    if (found.length > 0) yield { type: "lines", source: index, lines: found };
  } else if (task.kind === "text") yield textOf(lines, source.fromLine, index);
  else if (meets(source.path === undefined ? [text] : [source.path, text], task)) {
    const summary = summaryOf(new Summarizer(task.words, task.rarity), {
      lines,
      title,
      path: source.path,
      conditions: task,
    });
    if (summary !== undefined) yield { type: "summary", source: index, summary };
  }
  yield { type: "reached", source: index, line: END };
}

/** At most as many as are wanted. */
function literalLines(
  { want, ...literal }: Literal & { want: number },
  lines: readonly string[],
  fromLine: number,
): FoundLine[] {
  const found: FoundLine[] = [];
  for (const [offset, text] of lines.slice(fromLine - 1).entries()) {
    const start = findLiteral(text, literal);
    if (start === -1) continue;
    found.push({ line: fromLine + offset, snippet: snippet(text, start, start + literal.needle.length) });
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
    const weight = field * (holdsPhrase(text, conditions) ? PHRASE_WEIGHT : 1);
    summarizer.add({ line: index + 1, text, weight, isHeading }, () => ({}));
  }
  return summarizer.summary(() => ({
    line: title.line,
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
