import { LIMITS } from "../../contract/limits.ts";
import type { TurnRole } from "../../contract/search.ts";
import { END, type FoundLine, type Part, type Scan, type SearchTask, type TextPassage } from "./job.ts";
import { fold } from "../index/fold.ts";
import { snippet } from "./match.ts";
import { archiveLines, type ArchiveLine, type SessionSource } from "./archive-lines.ts";
import { inWindow, type Filter } from "./query.ts";
import { RawHint } from "./raw-hint.ts";
import { Summarizer } from "./summarizer.ts";

const ROLE_WEIGHT = {
  user: 1.2,
  assistant: 1,
  thinking: 0.8,
  tool_call: 0.8,
  tool_result: 0.7,
  system: 0.5,
} as const satisfies Record<TurnRole, number>;

/** Searches one archive, chunk by chunk. */
export async function* scanSession(
  scan: Scan,
  task: SearchTask,
  source: SessionSource,
  index: number,
): AsyncGenerator<Part> {
  const summarizer = task.kind === "ranked" ? new Summarizer(task.words) : undefined;
  let reached = source.fromLine - 1;
  for await (const { lines, lastLine } of archiveLines(scan.root, source, new RawHint(task))) {
    const text = new TextParts(index);
    const found: FoundLine[] = [];
    for (const line of lines) {
      if (scan.stopped()) break;
      if (task.kind === "literal") found.push(...literalLine(scan.filter, task.needle, line));
      else if (task.kind === "text") yield* text.addLine(scan.filter, line);
      else summarizeLine(scan.filter, summarizer, line);
      reached = line.line;
    }
    if (found.length > 0) yield { type: "lines", source: index, lines: found };
    yield* text.rest();
    if (!scan.stopped()) reached = lastLine;
    yield { type: "reached", source: index, line: reached };
    if (scan.stopped()) break;
  }
  const summary = summarizer?.summary();
  if (summary !== undefined) yield { type: "summary", source: index, summary };
  if (!scan.stopped()) yield { type: "reached", source: index, line: END };
}

/** The turns of a line that the filter lets through. A line that does not say when it was written counts as its session does. */
function turnsFor({ role }: Filter, line: ArchiveLine): ArchiveLine["turns"] {
  return role === undefined ? line.turns : line.turns.filter((turn) => turn.role === role);
}

function timely(filter: Filter, line: ArchiveLine): { timeMs: number | undefined } | undefined {
  const timeMs = line.timeMs();
  return timeMs === undefined || inWindow(timeMs, filter) ? { timeMs } : undefined;
}

function literalLine(filter: Filter, needle: string, line: ArchiveLine): FoundLine[] {
  for (const { role, text } of turnsFor(filter, line)) {
    const start = fold(text).indexOf(needle);
    if (start === -1) continue;
    const time = timely(filter, line);
    if (time === undefined) return [];
    return [{ line: line.line, role, ...time, snippet: snippet(text, start, start + needle.length) }];
  }
  return [];
}

function summarizeLine(filter: Filter, summarizer: Summarizer | undefined, line: ArchiveLine): void {
  for (const { role, text } of turnsFor(filter, line))
    summarizer?.add({ line: line.line, role, text, weight: ROLE_WEIGHT[role] }, () => timely(filter, line));
}

const encoder = new TextEncoder();

/** Gathers the text of many turns into parts of a good size. */
class TextParts {
  readonly #source: number;
  #passages: TextPassage[] = [];
  #texts: string[] = [];
  #chars = 0;

  constructor(source: number) {
    this.#source = source;
  }

  *addLine(filter: Filter, line: ArchiveLine): Generator<Part> {
    const turns = turnsFor(filter, line);
    const time = turns.length === 0 ? undefined : timely(filter, line);
    if (time === undefined) return;
    for (const { role, text } of turns) {
      this.#passages.push({ line: line.line, stepped: false, rows: text.split("\n").length, role, ...time });
      this.#texts.push(text);
      this.#chars += text.length;
      if (this.#chars >= LIMITS.search.textPartChars) yield* this.rest();
    }
  }

  *rest(): Generator<Part> {
    if (this.#passages.length === 0) return;
    const text = encoder.encode(`${this.#texts.join("\n")}\n`);
    yield { type: "text", source: this.#source, passages: this.#passages, text };
    this.#passages = [];
    this.#texts = [];
    this.#chars = 0;
  }
}
