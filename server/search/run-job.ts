import { lstatSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../contract/errors.ts";
import type { TurnRole } from "../../contract/wire.ts";
import { isErrno } from "../../disk/errno.ts";
import { TITLE_SCAN_BYTES, titleOf } from "../knowledge/document.ts";
import { LAYOUT } from "../storage/layout.ts";
import { END, type FoundLine, type Job, type Part, type Source, type Task, type TextPassage } from "./job.ts";
import { fold, snippet } from "./match.ts";
import {
  archiveLines,
  headingOf,
  readKnowledgeText,
  type ArchiveLine,
  type KnowledgeSource,
  type SessionSource,
} from "./passages.ts";
import { inWindow, type Filter } from "./query.ts";
import { RawHint } from "./raw-hint.ts";
import { Summarizer } from "./ranked.ts";

const TEXT_PART_CHARS = 256 * 1024;
const ROLE_WEIGHT = {
  user: 1.2,
  assistant: 1,
  thinking: 0.8,
  tool_call: 0.8,
  tool_result: 0.7,
  system: 0.5,
} as const satisfies Record<TurnRole, number>;
const FIELD_WEIGHT = { path: 1.6, heading: 1.5, line: 1 };

/** What every step of a job needs. */
interface Scan {
  root: string;
  filter: Filter;
  stopped: () => boolean;
}

/** Does a job in this thread. Checks `stopped` again and again; what was reached by then is said before the end. */
export async function* runJob(
  root: string,
  { task, filter, sources }: Job,
  stopped: () => boolean,
): AsyncGenerator<Part> {
  const scan = { root, filter, stopped };
  let wanted = task.kind === "literal" ? task.want : Infinity;
  for (const [index, source] of sources.entries()) {
    if (stopped() || wanted <= 0) return;
    for await (const part of readable(runSource(scan, task, source, index), index)) {
      if (part.type === "lines") wanted -= part.lines.length;
      yield part;
      if (wanted <= 0) return;
    }
  }
}

function runSource(scan: Scan, task: Task, source: Source, index: number): AsyncGenerator<Part> {
  if (task.kind === "modified") return modified(scan, source, index);
  if (source.kind === "knowledge") return scanKnowledge(scan, task, source, index);
  return scanSession(scan, task, source, index);
}

/** A document that is gone, or is a link, has no lines; one that cannot be read is said to be so. */
async function* readable(parts: AsyncGenerator<Part>, source: number): AsyncGenerator<Part> {
  try {
    yield* parts;
  } catch (error) {
    if (isErrno(error, "ENOENT") || (error instanceof AppError && error.code !== "damaged"))
      yield { type: "reached", source, line: END };
    else if (
      error instanceof AppError ||
      isErrno(error, "EACCES", "EIO", "EMFILE", "ENFILE") ||
      isZlibError(error)
    )
      yield { type: "unreadable", source };
    else throw error;
  }
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
}

// oxlint-disable-next-line require-yield -- one part is all there is
async function* modified({ root }: Scan, source: Source, index: number): AsyncGenerator<Part> {
  if (source.kind !== "knowledge") return;
  const inner = source.path === undefined ? [LAYOUT.overview] : [LAYOUT.knowledge, ...source.path.split("/")];
  const stats = lstatSync(join(root, LAYOUT.workspaces, source.workspaceId, ...inner), {
    throwIfNoEntry: false,
  });
  if (stats?.isFile() === true)
    yield { type: "modified", source: index, timeMs: Math.floor(stats.mtimeMs), sizeBytes: stats.size };
}

type SearchTask = Exclude<Task, { kind: "modified" }>;

async function* scanSession(
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

async function* scanKnowledge(
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
  if (task.kind === "literal") yield* literalLines(task.needle, lines, index);
  else if (task.kind === "ranked") yield* summarizeLines(new Summarizer(task.words), { lines, path }, index);
  else yield* textOf({ line: 1, stepped: true, rows: lines.length }, lines.join("\n"), index);
  yield { type: "reached", source: index, line: END };
}

function* literalLines(needle: string, lines: readonly string[], source: number): Generator<Part> {
  const found = lines.flatMap((text, index) => {
    const start = fold(text).indexOf(needle);
    return start === -1 ? [] : [{ line: index + 1, snippet: snippet(text, start, start + needle.length) }];
  });
  if (found.length > 0) yield { type: "lines", source, lines: found };
}

function* summarizeLines(
  summarizer: Summarizer,
  { lines, path }: { lines: readonly string[]; path: string },
  source: number,
): Generator<Part> {
  summarizer.addContext(path, FIELD_WEIGHT.path);
  for (const [index, text] of lines.entries()) {
    const weight = headingOf(text) === undefined ? FIELD_WEIGHT.line : FIELD_WEIGHT.heading;
    summarizer.add({ line: index + 1, text, weight }, () => ({}));
  }
  const summary = summarizer.summary();
  if (summary !== undefined) yield { type: "summary", source, summary };
}

function* textOf(passage: TextPassage, text: string, source: number): Generator<Part> {
  yield { type: "text", source, passages: [passage], text: encoder.encode(`${text}\n`) };
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
      if (this.#chars >= TEXT_PART_CHARS) yield* this.rest();
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
