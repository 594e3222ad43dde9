import { lstatSync, readdirSync, type Dirent, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { LIMITS } from "../../contract/limits.ts";
import { isSystemError } from "../../disk/errno.ts";
import { pathsIn } from "../home/home.ts";
import { followLinks } from "../home/reach.ts";
import type { TranscriptPlaces } from "./places.ts";

/** A file that looks like a transcript by its place and name; nothing of it was read yet. */
export interface Candidate {
  path: string;
  client: "claude-code" | "codex";
  compressed: boolean;
  sizeBytes: number;
  mtimeMs: number;
  /** The conversation whose folder holds this subagent's file. */
  parentFolder?: string;
}

/** What was left out, in words for people. */
export interface Skipped {
  path: string;
  reason: string;
}

type Report = (skipped: Skipped) => void;

const ROLLOUT = /^rollout-.+\.jsonl(?:\.zst)?$/;
const SUBAGENTS = "subagents";
const SUBAGENT = /^agent-.+\.jsonl$/;

/**
 * Every candidate of both clients; nothing else runs meanwhile, for asking for so many files one after the other takes
 * several times as long when each is waited for. A client that is not installed has none; what cannot be read is reported. The owner
 * may keep a client's folder elsewhere and have left a link; links below it are not followed.
 */
export async function listCandidates(places: TranscriptPlaces, report: Report): Promise<Candidate[]> {
  const tree: Tree = { client: "codex", names: ROLLOUT, depth: LIMITS.client.transcriptDepth, report };
  return [
    ...listClaude(await followLinks(join(places.claude, "projects")), report),
    ...listTree(await followLinks(join(places.codex, "sessions")), tree),
    ...listTree(await followLinks(join(places.codex, "archived_sessions")), tree),
  ];
}

/** `<slug>/<session>.jsonl`, `<slug>/agent-<id>.jsonl` (2.0) and `<slug>/<session>/subagents/agent-<id>.jsonl`. */
function* listClaude(projects: string, report: Report): Generator<Candidate> {
  for (const folder of foldersIn(projects, report)) {
    const pathOf = pathsIn(folder);
    for (const entry of entriesOf(folder, report)) {
      const path = pathOf(entry.name);
      if (entry.isDirectory()) yield* listSubagents(path, report);
      else if (entry.name.endsWith(".jsonl")) yield* oneOrNone(candidateOf(path, "claude-code", report));
    }
  }
}

function* listSubagents(sessionFolder: string, report: Report): Generator<Candidate> {
  for (const folder of foldersIn(sessionFolder, report)) {
    if (basename(folder) !== SUBAGENTS) continue;
    const found = listTree(folder, {
      client: "claude-code",
      names: SUBAGENT,
      depth: LIMITS.client.transcriptDepth,
      report,
    });
    for (const subagent of found) yield { ...subagent, parentFolder: basename(sessionFolder) };
  }
}

interface Tree {
  client: Candidate["client"];
  names: RegExp;
  depth: number;
  report: Report;
}

function* listTree(folder: string, tree: Tree): Generator<Candidate> {
  const pathOf = pathsIn(folder);
  for (const entry of entriesOf(folder, tree.report)) {
    const path = pathOf(entry.name);
    if (entry.isDirectory()) {
      if (tree.depth > 1) yield* listTree(path, { ...tree, depth: tree.depth - 1 });
    } else if (tree.names.test(entry.name)) {
      yield* oneOrNone(candidateOf(path, tree.client, tree.report));
    }
  }
}

function foldersIn(folder: string, report: Report): string[] {
  const entries = entriesOf(folder, report);
  for (const link of entries.filter((entry) => entry.isSymbolicLink()))
    report({ path: join(folder, link.name), reason: "links are not followed" });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
}

function entriesOf(folder: string, report: Report): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code !== "ENOENT") report({ path: folder, reason: `the folder cannot be read: ${error.code}` });
    return [];
  }
}

/** The candidate at one path; its name and place tell whose it is. */
export async function candidateAt(path: string, report: Report): Promise<Candidate | undefined> {
  const name = basename(path);
  const folder = await followLinks(dirname(path));
  const [, parentFolder] = /[\\/]([^\\/]+)[\\/]subagents(?:[\\/]|$)/.exec(folder) ?? [];
  const found = candidateOf(join(folder, name), ROLLOUT.test(name) ? "codex" : "claude-code", report);
  return found === undefined || parentFolder === undefined ? found : { ...found, parentFolder };
}

function candidateOf(path: string, client: Candidate["client"], report: Report): Candidate | undefined {
  try {
    const found = lstatSync(path);
    const reason = reasonAgainst(found);
    if (reason === undefined)
      return {
        path,
        client,
        compressed: path.endsWith(".zst"),
        sizeBytes: found.size,
        mtimeMs: found.mtimeMs,
      };
    report({ path, reason });
  } catch (error) {
    if (!isSystemError(error)) throw error;
    // Else archived, compressed or deleted by its client a moment ago.
    if (error.code !== "ENOENT") report({ path, reason: `the file cannot be read: ${error.code}` });
  }
  return undefined;
}

function reasonAgainst(file: Stats): string | undefined {
  if (!file.isFile()) return "not a regular file; links are not followed";
  if (file.size === 0) return "empty";
  return file.size > LIMITS.sessions.rawBytes ? `larger than ${LIMITS.sessions.rawBytes} bytes` : undefined;
}

function oneOrNone(found: Candidate | undefined): Candidate[] {
  return found === undefined ? [] : [found];
}
