import type { TurnRole } from "../../../contract/search.ts";
import type { FoundFile } from "../../index/lookup/knowledge.ts";
import type { Newest, NewestRequest } from "../../index/lookup/newest.ts";
import type { LineRange } from "../../index/lookup/passages.ts";
import type { Best, BestRequest } from "../../index/lookup/best.ts";
import type { FoundArchive } from "../../index/lookup/sessions.ts";
import type { IndexKind } from "../../index/database/places.ts";
import type { FromIndex, IndexReader } from "../../index/lookup/reader.ts";
import type { Conditions } from "../query/conditions.ts";
import type { Literal } from "../words/literal.ts";
import type { Filter } from "../query/filter.ts";
import type { Summary } from "../ranking/summarizer.ts";
import type { Word } from "../words/words.ts";

/**
 * A document a worker reads, from a line on: a session's archive up to its last line (the file may be another
 * session's that grew on) or only in some ranges of lines, a knowledge file, or (without a path) an overview. A whole
 * workspace, or `only` some of its files, can only be listed; a part of the index can only be asked.
 */
export type Source =
  | SessionSource
  | { kind: "knowledge"; workspaceId: string; path: string | undefined; fromLine: number }
  | { kind: "workspace"; workspaceId: string; only?: readonly (string | undefined)[] | undefined }
  | { kind: "index"; of: IndexKind };

/** A session's archive to read. Lines count from 1. */
export interface SessionSource {
  kind: "session";
  segments: readonly string[];
  fromLine: number;
  lastLine: number;
  /** Ascending; all lines without it. */
  ranges?: readonly LineRange[] | undefined;
}

/** A source with text to search. */
export type Document = Exclude<Source, { kind: "workspace" | "index" }>;

/**
 * What to do with the documents: find lines that hold a text (at most `want` in all), sum up which words those hold
 * that meet the conditions, or give their text for a regular expression (of transcripts only lines whose raw bytes match
 * the hint). Or what to do with workspaces: list the files that can be searched, and which of them are named by one of
 * the words. Or what to ask the index.
 */
export type Task =
  | LiteralTask
  | ({ kind: "ranked"; words: readonly Word[]; rarity?: readonly number[] | undefined } & Conditions)
  | { kind: "text"; hint?: string | undefined }
  | { kind: "list"; words: readonly Word[] }
  | AskTask;

/** Finds lines that hold a text. */
export type LiteralTask = { kind: "literal"; want: number } & Literal;

/**
 * For the newest documents in which something may be found, or for those that fit best. With `read` the first files are
 * read at once, as far as one thread does that soonest.
 */
export type AskTask =
  | { kind: "newest"; ask: NewestRequest; read?: LiteralTask | undefined }
  | { kind: "best"; ask: BestRequest };

/** A worker's piece of work: one task over some documents, in their order. */
export interface Job {
  task: Task;
  filter: Filter;
  sources: readonly Source[];
}

/** A task over text. */
export type SearchTask = Exclude<Task, AskTask | { kind: "list" }>;

/** What every step of a job needs. */
export interface Scan {
  root: string;
  index: IndexReader;
  filter: Filter;
  /** Whether the job is to end early. */
  stopped: () => boolean;
}

/** A knowledge file or, without a path, an overview, that is told by itself. */
export interface ListedFile {
  path: string | undefined;
  timeMs: number;
  sizeBytes: number;
  /** Its path holds one of the words. */
  isNamed: boolean;
}

/** Many files of one folder, in lists: as objects they would take ten times the memory. */
export interface ListedFolder {
  /** What the paths of its files begin with: "", or ending with `/`. */
  above: string;
  /** Divided by `/`, which no name holds. */
  names: string;
  /** Of each name. */
  timesMs: readonly number[];
  sizesBytes: readonly number[];
}

/** A line of a document with what was found in it. */
export interface FoundLine {
  line: number;
  role?: TurnRole | undefined;
  /** When the line was written, if it says so. */
  timeMs?: number | undefined;
  snippet: string;
}

/** A passage of a text part: how many rows of the text are its, and which line they come from. */
export interface TextPassage {
  line: number;
  /** Every row is a line of its own, counted from `line`; otherwise all rows belong to that one line. */
  isStepped: boolean;
  rows: number;
  role?: TurnRole | undefined;
  timeMs?: number | undefined;
}

/** What a worker says about the job's document number `sourceNumber`. */
export type Part =
  | { type: "title"; sourceNumber: number; title: string }
  | { type: "files"; sourceNumber: number; files: ListedFile[] }
  | { type: "folder"; sourceNumber: number; folder: ListedFolder }
  | { type: "lines"; sourceNumber: number; lines: FoundLine[] }
  | { type: "summary"; sourceNumber: number; summary: Summary }
  | {
      type: "foundFiles";
      sourceNumber: number;
      found: FromIndex<Newest<FoundFile> | Best<FoundFile>>;
      /** What those of them hold that were read at once: the first ones. */
      said: Part[][];
    }
  | {
      type: "foundArchives";
      sourceNumber: number;
      found: FromIndex<Newest<FoundArchive> | Best<FoundArchive>>;
    }
  | { type: "noIndex"; sourceNumber: number; reason: string; isDamaged: boolean }
  | { type: "text"; sourceNumber: number; passages: TextPassage[]; text: Uint8Array<ArrayBuffer> }
  /** Everything up to this line was searched; `END` when that is the whole document. */
  | { type: "reached"; sourceNumber: number; line: number }
  | { type: "unreadable"; sourceNumber: number };

/** As a line number: past every line. */
export const END = Number.MAX_SAFE_INTEGER;

/** `stop` is shared: 1 asks the worker to end the job early, even while it is busy. */
export type ToWorker = { type: "start"; job: Job; stop: SharedArrayBuffer } | { type: "taken" };
/** `ready` comes once. `parts` is answered by `taken`; a worker sends only a few that were not. `end` brings the last ones. */
export type FromWorker =
  | { type: "ready" }
  | { type: "parts"; parts: Part[] }
  | { type: "end"; parts: Part[] }
  | { type: "failed"; error: Error };
