import { basename } from "node:path";
import { AppError } from "../../contract/errors.ts";
import { SessionId } from "../../contract/ids.ts";
import { LIMITS } from "../../contract/limits.ts";
import { mapBounded } from "../../disk/bounded.ts";
import { isSystemError } from "../../disk/errno.ts";
import { readFromStart } from "./content.ts";
import { readHead, type Head } from "./head.ts";
import { candidateAt, listCandidates, type Candidate, type Skipped } from "./listing.ts";
import type { TranscriptPlaces } from "./places.ts";

/** A conversation that a client left on this machine. */
export interface Transcript {
  path: string;
  client: "claude-code" | "codex";
  sessionId: string;
  /** The conversation that started this one as a subagent. */
  parent?: string;
  /** The folder the conversation began in, as the client spelled it. */
  cwd?: string;
  /** Name of the repository that folder was in, as its client noted it. */
  repository?: string;
  /** Zstandard; `openTranscript` gives raw bytes all the same. */
  compressed: boolean;
  /** Bytes and time of the file as it is on disk. */
  sizeBytes: number;
  mtimeMs: number;
}

/** What an earlier scan learned from a file. */
export type KnownTranscript = Pick<Transcript, "sessionId" | "parent" | "cwd" | "repository">;

export interface FindOptions {
  /** What is known of a file that has not changed since; such a file is not opened. */
  known?: (path: string, sizeBytes: number, mtimeMs: number) => KnownTranscript | undefined;
  /** Called for every file and folder that is left out, with the reason. */
  skipped?: (skipped: Skipped) => void;
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;
const NAMED_BY_ID = new RegExp(`^(${UUID.source})\\.jsonl$`);
const AGENT = /^agent-(.+)\.jsonl$/;

/**
 * Every transcript of Claude Code and Codex on this machine, newest first, each session once. Only the heads of files
 * that `known` does not know are read. Nothing that one file or folder does stops the others.
 */
export async function* findTranscripts(
  places: TranscriptPlaces,
  options: FindOptions = {},
): AsyncGenerator<Transcript> {
  const skipped = options.skipped ?? (() => undefined);
  const all = await listCandidates(places, skipped);
  for (const { path } of all.slice(LIMITS.client.transcripts))
    skipped({ path, reason: `more than ${LIMITS.client.transcripts} transcripts` });
  const candidates = all.slice(0, LIMITS.client.transcripts);
  const identified = await mapBounded(candidates, LIMITS.concurrency.fileReads, (candidate) =>
    identify(candidate, options),
  );
  const found: Transcript[] = [];
  for (const each of identified) {
    if (each === undefined) continue;
    if (isSkipped(each)) skipped(each);
    else found.push(each);
  }
  yield* onePerSession(found, skipped).sort((a, b) => b.mtimeMs - a.mtimeMs);
}

/** The transcript at a path that somebody named, a hook for example. Throws `not_found` when there is none. */
export async function transcriptAt(path: string): Promise<Transcript> {
  let reason = "the file is gone";
  const candidate = await candidateAt(path, (skipped) => (reason = skipped.reason));
  const identified = candidate === undefined ? undefined : await identify(candidate, {});
  if (identified !== undefined && !isSkipped(identified)) return identified;
  throw new AppError("not_found", `No transcript in ${basename(path)}: ${identified?.reason ?? reason}`);
}

/** Undefined when the file went away meanwhile. */
async function identify(
  candidate: Candidate,
  options: FindOptions,
): Promise<Transcript | Skipped | undefined> {
  const { path, sizeBytes, mtimeMs } = candidate;
  const known = options.known?.(path, sizeBytes, mtimeMs);
  if (known !== undefined) return transcriptOf(candidate, known);
  const head = await headOf(candidate);
  if (head === undefined || "reason" in head) return head;
  const learned = candidate.client === "codex" ? learnCodex(candidate, head) : learnClaude(candidate, head);
  if (learned === undefined) return { path, reason: "no line of a session in it" };
  if (!SessionId.safeParse(learned.sessionId).success)
    return { path, reason: `"${learned.sessionId}" cannot be a session id` };
  return transcriptOf(candidate, learned);
}

async function headOf(candidate: Candidate): Promise<Head | Skipped | undefined> {
  const { path } = candidate;
  try {
    return await readHead(readFromStart(candidate));
  } catch (error) {
    if (error instanceof AppError) return { path, reason: error.message };
    if (!isSystemError(error)) throw error;
    return error.code === "ENOENT" ? undefined : { path, reason: `the file cannot be read: ${error.code}` };
  }
}

function isSkipped(found: Transcript | Skipped): found is Skipped {
  return "reason" in found;
}

/**
 * The file's name is the session's id. A fork begins with lines copied from another session, so lines decide only
 * where the name is not one. A subagent's lines carry its parent's id.
 */
function learnClaude(candidate: Candidate, { facts, whole }: Head): KnownTranscript | undefined {
  // Where the head is nothing but one huge line, the name is trusted.
  if (facts.sessionId === undefined && whole) return undefined;
  const name = basename(candidate.path);
  const cwd = facts.cwd === undefined ? {} : { cwd: facts.cwd };
  const agent = AGENT.exec(name)?.[1];
  if (agent !== undefined) {
    const parent = candidate.parentFolder ?? facts.parent ?? facts.sessionId;
    return parent === undefined ? undefined : { sessionId: `${parent}.agent-${agent}`, parent, ...cwd };
  }
  const sessionId = NAMED_BY_ID.exec(name)?.[1] ?? facts.sessionId;
  if (sessionId === undefined) return undefined;
  return { sessionId, ...cwd };
}

/** The first `session_meta` names the session; a file that lost it still has the id in its name. */
function learnCodex(candidate: Candidate, { facts, repository }: Head): KnownTranscript | undefined {
  const sessionId = facts.sessionId ?? UUID.exec(basename(candidate.path))?.[0];
  if (sessionId === undefined) return undefined;
  return {
    sessionId,
    ...(facts.parent === undefined ? {} : { parent: facts.parent }),
    ...(facts.cwd === undefined ? {} : { cwd: facts.cwd }),
    ...(repository === undefined ? {} : { repository }),
  };
}

function transcriptOf(candidate: Candidate, known: KnownTranscript): Transcript {
  const { path, client, compressed, sizeBytes, mtimeMs } = candidate;
  return { ...known, path, client, compressed, sizeBytes, mtimeMs };
}

/** Codex moves, compresses and unpacks its files; while it does, one session is there twice. */
function onePerSession(found: readonly Transcript[], skipped: (skipped: Skipped) => void): Transcript[] {
  const best = new Map<string, Transcript>();
  for (const transcript of found) {
    const key = `${transcript.client} ${transcript.sessionId}`;
    const other = best.get(key);
    if (other === undefined) {
      best.set(key, transcript);
      continue;
    }
    const [kept, dropped] = isBetter(transcript, other) ? [transcript, other] : [other, transcript];
    best.set(key, kept);
    skipped({ path: dropped.path, reason: `the same session as ${kept.path}` });
  }
  return [...best.values()];
}

function isBetter(one: Transcript, other: Transcript): boolean {
  if (one.compressed !== other.compressed) return other.compressed;
  if (one.mtimeMs !== other.mtimeMs) return one.mtimeMs > other.mtimeMs;
  if (one.sizeBytes !== other.sizeBytes) return one.sizeBytes > other.sizeBytes;
  return one.path < other.path;
}
