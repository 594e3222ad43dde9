import { LIMITS } from "./limits.ts";
import { claudePrompt } from "./transcript-claude.ts";
import { codexPrompt } from "./transcript-codex.ts";
import { isObject, type JsonObject } from "./json.ts";
import { objectAt, parseObject, textAt } from "./transcript-json.ts";
import { sketchOf } from "./transcript-sketch.ts";

/** What a transcript says about itself. Times are ISO 8601 in UTC. */
export interface TranscriptFacts {
  tool: "claude-code" | "codex" | "unknown";
  /** The client's id; a subagent's of Claude Code is `<parent id>.agent-<agent id>`. */
  sessionId?: string;
  /** Session id of the conversation that started this one as a subagent. */
  parent?: string;
  cwd?: string;
  gitBranch?: string;
  started?: string;
  ended?: string;
  /** What the person asked first, in one line; empty when nobody asked anything. */
  firstPrompt: string;
  /** The title the person gave. */
  title?: string;
}

/**
 * Gathers the facts of a transcript from its lines, in their order. It parses lines only until all facts are known,
 * or so much was parsed that nothing more would come of it; afterwards a line costs two text searches, and whoever
 * has many may leave out all but those for which `mattersLater` holds and the last line with a time.
 */
export class FactsCollector {
  #facts: TranscriptFacts;
  #parsedLines = 0;
  #parsedChars = 0;
  #lastWithTime: string | undefined;

  /** `known`: the facts of the lines that came before, when only what follows is added. */
  constructor(known: TranscriptFacts = { tool: "unknown", firstPrompt: "" }) {
    this.#facts = { ...known };
  }

  /** True when only a later time or title can still change the facts. */
  get complete(): boolean {
    const { tool, started, firstPrompt } = this.#facts;
    const { parsedLines, parsedBytes } = LIMITS.sessions;
    return (
      this.#parsedLines >= parsedLines ||
      this.#parsedChars >= parsedBytes ||
      (tool !== "unknown" && started !== undefined && firstPrompt !== "")
    );
  }

  add(line: string): void {
    if (line.includes(TIME_KEY)) this.#lastWithTime = line;
    if (this.complete && mattersLater(line) !== "title") return;
    this.#parsedLines += 1;
    const isShort = isParsed(line);
    if (isShort) this.#parsedChars += line.length;
    const found = isShort ? parseObject(line) : sketchOf(line);
    if (found !== undefined) this.#learn(found);
  }

  facts(): TranscriptFacts {
    const facts = { ...this.#facts };
    const ended = this.#lastWithTime === undefined ? undefined : lastTime(this.#lastWithTime);
    const times = [facts.started, facts.ended, ended].filter((time) => time !== undefined).sort();
    const latest = times.at(-1);
    return latest === undefined ? facts : { ...facts, ended: latest };
  }

  #learn(line: JsonObject): void {
    const facts = this.#facts;
    const title = line["type"] === "custom-title" ? textAt(line, "customTitle") : undefined;
    if (title !== undefined) facts.title = oneLine(title);
    if (this.complete) return;
    learnText(facts, "started", time(line["timestamp"]));
    if (facts.tool === "unknown") facts.tool = toolOf(line);
    if (facts.tool === "codex") learnCodex(facts, line);
    if (facts.tool === "claude-code") learnClaude(facts, line);
  }
}

/** In every line that tells a time. */
export const TIME_KEY = '"timestamp"';
/** In every line that tells a title. */
export const TITLE_MARK = '"custom-title"';

/** What a line still tells, a string or its bytes, when the facts are complete. */
export function mattersLater(line: {
  readonly length: number;
  includes(text: string): boolean;
}): "title" | "time" | undefined {
  if (line.length < TIME_KEY.length) return undefined;
  if (line.length <= LIMITS.sessions.titleLineBytes && line.includes(TITLE_MARK)) return "title";
  return line.includes(TIME_KEY) ? "time" : undefined;
}

function isParsed(line: string): boolean {
  return line.length <= LIMITS.sessions.parsedLineBytes;
}

function toolOf(line: JsonObject): TranscriptFacts["tool"] {
  if (isObject(line["payload"]) && typeof line["type"] === "string") return "codex";
  if (line["type"] === undefined && textAt(line, "id") !== undefined && "instructions" in line)
    return "codex";
  return textAt(line, "sessionId") === undefined && textAt(line, "uuid") === undefined
    ? "unknown"
    : "claude-code";
}

function learnClaude(facts: TranscriptFacts, line: JsonObject): void {
  const sessionId = textAt(line, "sessionId");
  if (facts.sessionId === undefined && sessionId !== undefined) {
    const agentId = line["isSidechain"] === true ? textAt(line, "agentId") : undefined;
    facts.sessionId = agentId === undefined ? sessionId : `${sessionId}.agent-${agentId}`;
    if (agentId !== undefined) facts.parent = sessionId;
  }
  learnText(facts, "cwd", textAt(line, "cwd"));
  learnText(facts, "gitBranch", textAt(line, "gitBranch"));
  facts.firstPrompt ||= oneLine(claudePrompt(line) ?? "");
}

function learnCodex(facts: TranscriptFacts, line: JsonObject): void {
  const meta =
    line["type"] === "session_meta"
      ? objectAt(line, "payload")
      : line["type"] === undefined
        ? line
        : undefined;
  const id = textAt(meta, "id");
  if (meta !== undefined && facts.sessionId === undefined && id !== undefined) {
    facts.sessionId = id;
    learnText(facts, "parent", codexParent(meta, id));
    learnText(facts, "cwd", textAt(meta, "cwd"));
    learnText(facts, "gitBranch", textAt(objectAt(meta, "git"), "branch"));
  }
  facts.firstPrompt ||= oneLine(codexPrompt(line) ?? "");
}

function codexParent(meta: JsonObject, id: string): string | undefined {
  const source = objectAt(meta, "source");
  if (textAt(meta, "thread_source") !== "subagent" && source?.["subagent"] === undefined)
    return textAt(meta, "parent_thread_id");
  const spawn = objectAt(objectAt(source, "subagent"), "thread_spawn");
  const session = textAt(meta, "session_id");
  return (
    textAt(meta, "parent_thread_id") ??
    textAt(spawn, "parent_thread_id") ??
    (session === id ? undefined : session)
  );
}

function learnText(
  facts: TranscriptFacts,
  key: "cwd" | "gitBranch" | "parent" | "started",
  text: string | undefined,
): void {
  if (facts[key] === undefined && text !== undefined) facts[key] = text;
}

/** The time of a line: its own, else the last one in it. */
function lastTime(line: string): string | undefined {
  const own = isParsed(line) ? time(parseObject(line)?.["timestamp"]) : undefined;
  if (own !== undefined) return own;
  const inside = [...line.matchAll(/"timestamp"\s*:\s*"([^"]{20,40})"/g)].at(-1)?.[1];
  return time(inside);
}

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$/;

/** A time as ISO 8601 in UTC; undefined for anything that is no moment between 1970 and 9999. */
function time(value: unknown): string | undefined {
  if (typeof value !== "string" || !ISO.test(value)) return undefined;
  const date = new Date(value);
  const year = date.getUTCFullYear();
  return year >= 1970 && year <= 9999 ? date.toISOString() : undefined;
}

function oneLine(text: string): string {
  const limit = LIMITS.sessions.firstPromptChars;
  const line = text
    .slice(0, 8 * limit)
    .replaceAll(/\s+/g, " ")
    .trim();
  const chars = Array.from(line);
  return (chars.length <= limit ? line : `${chars.slice(0, limit - 1).join("")}…`).toWellFormed();
}
