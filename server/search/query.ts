import { createHash } from "node:crypto";
import * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import type { KnowledgeQuery, SessionQuery, TurnRole } from "../../contract/search.ts";
import { decodeCursor, encodeCursor } from "../storage/cursor.ts";
import { parseTime } from "../storage/time.ts";
import { fold } from "../index/fold.ts";
import { wordsOf, type Word } from "./words.ts";

/** What to look for, decided. `needle` and words are folded; `source` is a regular expression for ripgrep only. */
export type Pattern =
  | { mode: "literal"; needle: string }
  | { mode: "regex"; source: string }
  | { mode: "ranked"; words: Word[] };

/** Which text counts. Times are milliseconds since 1970, `beforeMs` is the first one that is too late. */
export interface Filter {
  role?: TurnRole | undefined;
  afterMs?: number | undefined;
  beforeMs?: number | undefined;
}

/**
 * Where literal and regex answers stand: newest document first, then by its key, then by line. What arrives later
 * is newer, so it cannot push what was given onto the next page.
 */
export interface Position {
  timeMs: number;
  key: string;
  line: number;
}

/** Throws `invalid_input` for what no search can look for. */
export function parsePattern({ query, mode }: Pick<KnowledgeQuery, "query" | "mode">): Pattern {
  if (!query.isWellFormed()) throw refusal("it is not valid Unicode");
  if (query.includes("\0")) throw refusal("it holds a NUL character");
  const text = query.normalize("NFC");
  if (mode === "literal") return { mode, needle: fold(text) };
  if (mode === "ranked") return { mode, words: wordsOf(text) };
  return { mode, source: checkRegex(text) };
}

/** `(?R)`, `(?-u)` and the like change how lines and bytes are read, which is the server's to decide. */
const FLAGS = /\(\?([A-Za-z-]+)[:)]/g;
const ALLOWED_FLAGS = /^[imsUxu]*(?:-[imsUx]+)?$/;

function checkRegex(source: string): string {
  if (/[\r\n]/.test(source))
    throw refusal("a regular expression is matched line by line and holds no line break");
  const bare = source.replaceAll(/\\[\s\S]/g, "");
  for (const [, flags = ""] of bare.matchAll(FLAGS)) {
    if (!ALLOWED_FLAGS.test(flags)) throw refusal("only the flags i, m, s, x and U can be set");
  }
  return source;
}

function refusal(reason: string): AppError {
  return new AppError("invalid_input", `query: ${reason}`, {
    hint: "Use mode literal to look for the text exactly as it is",
  });
}

/** Throws `invalid_input` for a bad date. */
export function parseFilter(query: KnowledgeQuery & Pick<SessionQuery, "role">): Filter {
  return {
    role: query.role,
    afterMs: query.after === undefined ? undefined : parseTime("after", query.after).getTime(),
    beforeMs: query.before === undefined ? undefined : parseTime("before", query.before).getTime(),
  };
}

export function inWindow(timeMs: number, { afterMs, beforeMs }: Filter): boolean {
  return (afterMs === undefined || timeMs >= afterMs) && (beforeMs === undefined || timeMs < beforeMs);
}

/** A short name that orders documents of the same time and never changes. */
export function documentKey(workspaceId: string, name: string): string {
  return digest([workspaceId, name]).slice(0, 16);
}

/** The order of literal and regex answers. */
export function comparePlaces(a: Omit<Position, "line">, b: Omit<Position, "line">): number {
  if (a.timeMs !== b.timeMs) return b.timeMs - a.timeMs;
  return a.key < b.key ? -1 : Number(a.key > b.key);
}

const PositionParts = z.tuple([z.number(), z.string(), z.int().min(0)]);

export function encodePosition(kind: string, { timeMs, key, line }: Position): string {
  return encodeCursor(`${kind}-lines`, [timeMs, key, line]);
}

/** Throws `invalid_input` for a cursor of something else. */
export function decodePosition(kind: string, cursor: string): Position {
  const [timeMs, key, line] = decodeCursor(`${kind}-lines`, cursor, PositionParts);
  return { timeMs, key, line };
}

const OffsetParts = z.tuple([z.int().min(1), z.string()]);

/** Ranked answers are counted, so their cursor goes with the query it came from and no other. */
export function encodeOffset(kind: string, query: KnowledgeQuery, offset: number): string {
  return encodeCursor(`${kind}-ranked`, [offset, queryDigest(query)]);
}

/** Throws `invalid_input` for a cursor of another query. */
export function decodeOffset(kind: string, query: KnowledgeQuery, cursor: string): number {
  const [offset, of] = decodeCursor(`${kind}-ranked`, cursor, OffsetParts);
  if (of !== queryDigest(query))
    throw new AppError("invalid_input", "cursor: it belongs to another query", {
      hint: "Keep query and filters as they were, or leave the cursor out to begin again",
    });
  return offset;
}

function queryDigest(query: KnowledgeQuery): string {
  const { cursor: _cursor, limit: _limit, ...rest } = query;
  return digest(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))).slice(0, 16);
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
