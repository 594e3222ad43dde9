import { createHash } from "node:crypto";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../../disk/atomic-file.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { Folder, makeFolders } from "../../disk/folder.ts";
import type { KnownTranscript, Transcript } from "../archive/find.ts";
import type { Home } from "../home/home.ts";
import type { TrackedFile } from "../manifest/tracked-files.ts";
import {
  emptyState,
  readState,
  stateText,
  type KnownFile,
  type KnownSession,
  type StateFile,
} from "./state-file.ts";

export type { KnownFile } from "./state-file.ts";

/**
 * What one server is known to hold of this machine's files. Only a shortcut: without it every file is looked at
 * again and the server is asked, nothing is lost. One file per server, so that changing servers forgets nothing.
 */
export class SyncState {
  readonly #home: Home;
  readonly #name: string;
  readonly #url: string;
  readonly #redaction: string | undefined;
  readonly #workspaces: Map<string, string>;
  readonly #knowledge: Map<string, KnownFile>;
  readonly #sessions: Map<string, KnownSession>;
  /** What is on the disk is no state; its bytes are kept when this one is saved. */
  #damaged: boolean;
  #changed = false;

  private constructor(home: Home, name: string, { file, damaged }: { file: StateFile; damaged: boolean }) {
    this.#home = home;
    this.#name = name;
    this.#damaged = damaged;
    this.#url = file.url;
    this.#redaction = file.redaction;
    this.#workspaces = new Map(Object.entries(file.workspaces));
    this.#knowledge = new Map(Object.entries(file.knowledge));
    this.#sessions = new Map(Object.entries(file.sessions));
  }

  /**
   * The state for a server; with `forget` it knows no files, as when the file is damaged. Where `redaction` is another than
   * before, every file's digest is looked at again. Changes nothing on the disk.
   */
  static async open(
    home: Home,
    url: string,
    { forget = false, redaction }: { forget?: boolean; redaction?: string | undefined } = {},
  ): Promise<SyncState> {
    const name = `${createHash("sha256").update(url).digest("hex").slice(0, 12)}.json`;
    const empty = emptyState(url);
    const found = (await readState(join(home.state, name))) ?? empty;
    const file = found === "damaged" ? empty : found;
    return new SyncState(home, name, {
      file: redactedAs(redaction, forget ? { ...empty, workspaces: file.workspaces } : file),
      damaged: found === "damaged",
    });
  }

  get knowledge(): ReadonlyMap<string, KnownFile> {
    return this.#knowledge;
  }

  get sessions(): ReadonlyMap<string, KnownFile> {
    return this.#sessions;
  }

  /** What an earlier scan learned from a transcript that has not changed since. */
  knownTranscript(path: string, sizeBytes: number, mtimeMs: number): KnownTranscript | undefined {
    const known = this.#sessions.get(path);
    if (known === undefined || known.size !== sizeBytes || known.mtime_ms !== mtimeMs) return undefined;
    const { session_id: sessionId, parent, cwd, repository } = known;
    return {
      sessionId,
      ...(parent === undefined ? {} : { parent }),
      ...(cwd === undefined ? {} : { cwd }),
      ...(repository === undefined ? {} : { repository }),
    };
  }

  workspaceId(nameKey: string): string | undefined {
    return this.#workspaces.get(nameKey);
  }

  rememberWorkspace(nameKey: string, workspaceId: string): void {
    this.#workspaces.set(nameKey, workspaceId);
    this.#changed = true;
  }

  /** The server holds these bytes of the file, which was looked at when it was as `file` says. */
  rememberKnowledge(file: TrackedFile, sha256: string, seenMs: number): void {
    const { sizeBytes: size, mtimeMs: mtime_ms } = file;
    this.#knowledge.set(knowledgeKey(file), { size, mtime_ms, sha256, seen_ms: seenMs });
    this.#changed = true;
  }

  rememberSession(transcript: Transcript, sha256: string, seenMs: number): void {
    const { path, sessionId, parent, cwd, repository, sizeBytes, mtimeMs } = transcript;
    this.#sessions.set(path, {
      size: sizeBytes,
      mtime_ms: mtimeMs,
      sha256,
      seen_ms: seenMs,
      session_id: sessionId,
      ...(parent === undefined ? {} : { parent }),
      ...(cwd === undefined ? {} : { cwd }),
      ...(repository === undefined ? {} : { repository }),
    });
    this.#changed = true;
  }

  /** Forgets every knowledge file but these. */
  keepKnowledge(files: readonly TrackedFile[]): void {
    this.#keep(this.#knowledge, new Set(files.map(knowledgeKey)));
  }

  /** Forgets every transcript but these. */
  keepSessions(transcripts: readonly Transcript[]): void {
    this.#keep(this.#sessions, new Set(transcripts.map(({ path }) => path)));
  }

  /** Writes what changed since the last time; a damaged file there is set aside first, with its bytes. */
  async save(): Promise<void> {
    if (!this.#changed) return;
    await makeFolders(this.#home.state);
    await using folder = await Folder.open(this.#home.state);
    const file: StateFile = {
      ...emptyState(this.#url),
      ...(this.#redaction === undefined ? {} : { redaction: this.#redaction }),
      workspaces: Object.fromEntries(this.#workspaces),
      knowledge: Object.fromEntries(this.#knowledge),
      sessions: Object.fromEntries(this.#sessions),
    };
    const aside = `${this.#name}.damaged-${Date.now()}`;
    if (this.#damaged) await unlessMissing(rename(folder.at(this.#name), folder.at(aside)));
    this.#damaged = false;
    await replaceFile(folder, this.#name, stateText(file));
    this.#changed = false;
  }

  #keep(known: Map<string, unknown>, kept: ReadonlySet<string>): void {
    for (const key of known.keys()) {
      if (kept.has(key)) continue;
      known.delete(key);
      this.#changed = true;
    }
  }
}

/** The state under a redaction. What was sent under another one may differ now: no file counts as looked at. */
function redactedAs(redaction: string | undefined, { redaction: before, ...file }: StateFile): StateFile {
  const own = redaction === undefined ? file : { ...file, redaction };
  if (redaction === before) return own;
  return { ...own, knowledge: unseen(file.knowledge), sessions: unseen(file.sessions) };
}

function unseen<T extends KnownFile>(files: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(files).map(([key, file]) => [key, { ...file, seen_ms: 0 }]));
}

/** How a knowledge file is named in the state. */
export function knowledgeKey(file: Pick<TrackedFile, "workspaceId" | "upload" | "path">): string {
  return `${file.workspaceId}\0${file.upload}\0${file.path}`;
}
