import { LIMITS } from "../../../contract/limits.ts";
import {
  END,
  type FoundLine,
  type Part,
  type Scan,
  type SearchTask,
  type SessionSource,
  type TextPassage,
} from "./job.ts";
import { findLiteral, type Literal } from "../words/literal.ts";
import { snippet } from "../words/snippet.ts";
import { archiveLines, type ArchiveLine } from "./archive-lines.ts";
import { meets, type Conditions } from "../query/conditions.ts";
import { textFits } from "../query/file-filter.ts";
import { inWindow, type Filter } from "../query/filter.ts";
import type { RawHint } from "./raw-hint.ts";
import { Summarizer } from "../ranking/summarizer.ts";
import { WEIGHTS } from "../words/weights.ts";

/** What a job over archives needs besides: one hint for all of them. */
export interface SessionScan extends Scan {
  hint: RawHint;
}

/** Searches one archive, chunk by chunk. */
export async function* scanSession(
  scan: SessionScan,
  task: SearchTask,
  source: SessionSource,
  sourceNumber: number,
): AsyncGenerator<Part> {
  const ranked =
    task.kind === "ranked"
      ? { summarizer: new Summarizer(task.words, task.rarity), conditions: task }
      : undefined;
  let reached = source.fromLine - 1;
  for await (const { lines, lastLine } of archiveLines(scan.root, source, scan.hint)) {
    const text = new TextParts(sourceNumber);
    const found: FoundLine[] = [];
    for (const line of lines) {
      if (scan.stopped()) break;
      if (task.kind === "literal") found.push(...literalLine(scan.filter, task, line));
      else if (task.kind === "text") yield* text.addLine(scan.filter, line);
      else if (ranked !== undefined) summarizeLine(scan.filter, ranked, line);
      reached = line.line;
    }
    if (found.length > 0) yield { type: "lines", sourceNumber, lines: found };
    yield* text.rest();
    if (!scan.stopped()) reached = lastLine;
    yield { type: "reached", sourceNumber, line: reached };
    if (scan.stopped()) break;
  }
  const summary = ranked?.summarizer.summary();
  if (summary !== undefined) yield { type: "summary", sourceNumber, summary };
  if (!scan.stopped()) yield { type: "reached", sourceNumber, line: END };
}

/** The turns of a line that the filter lets through. A line that does not say when it was written counts as its session does. */
function turnsFor({ roles }: Filter, line: ArchiveLine): ArchiveLine["turns"] {
  return roles === undefined ? line.turns : line.turns.filter(({ role }) => roles.includes(role));
}

function timely(filter: Filter, line: ArchiveLine): { timeMs: number | undefined } | undefined {
  const timeMs = line.timeMs();
  return timeMs === undefined || inWindow(timeMs, filter) ? { timeMs } : undefined;
}

function literalLine(filter: Filter, literal: Literal, line: ArchiveLine): FoundLine[] {
  for (const { role, text } of turnsFor(filter, line)) {
    const place = findLiteral(text, literal);
    if (place === undefined) continue;
    const time = timely(filter, line);
    if (time === undefined) return [];
    return [{ line: line.line, role, ...time, snippet: snippet(text, place.start, place.end) }];
  }
  return [];
}

interface RankedScan {
  summarizer: Summarizer;
  conditions: Conditions;
}

/** A turn is the unit of a session: it alone has to meet the conditions and to name the file. */
function summarizeLine(filter: Filter, { summarizer, conditions }: RankedScan, line: ArchiveLine): void {
  const { files } = filter;
  for (const { role, text } of turnsFor(filter, line)) {
    const counts = () => meets([text], conditions) && (files === undefined || textFits(text, files));
    const weight = WEIGHTS.role[role];
    summarizer.add({ line: line.line, role, text, weight }, () =>
      counts() ? timely(filter, line) : undefined,
    );
  }
}

const encoder = new TextEncoder();

/** Gathers the text of many turns into parts of a good size. */
class TextParts {
  readonly #sourceNumber: number;
  #passages: TextPassage[] = [];
  #texts: string[] = [];
  #chars = 0;

  constructor(sourceNumber: number) {
    this.#sourceNumber = sourceNumber;
  }

  *addLine(filter: Filter, line: ArchiveLine): Generator<Part> {
    const turns = turnsFor(filter, line);
    const time = turns.length === 0 ? undefined : timely(filter, line);
    if (time === undefined) return;
    for (const { role, text } of turns) {
      this.#passages.push({
        line: line.line,
        isStepped: false,
        rows: text.split("\n").length,
        role,
        ...time,
      });
      this.#texts.push(text);
      this.#chars += text.length;
      if (this.#chars >= LIMITS.search.textPartChars) yield* this.rest();
    }
  }

  *rest(): Generator<Part> {
    if (this.#passages.length === 0) return;
    const text = encoder.encode(`${this.#texts.join("\n")}\n`);
    yield { type: "text", sourceNumber: this.#sourceNumber, passages: this.#passages, text };
    this.#passages = [];
    this.#texts = [];
    this.#chars = 0;
  }
}
