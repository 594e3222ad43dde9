import { createHash } from "node:crypto";
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { replaceFile } from "../../disk/atomic-file.ts";
import { isErrno } from "../../disk/errno.ts";
import { Folder, makeFolders } from "../../disk/folder.ts";
import type { KnownTranscript, Transcript } from "../archive/find.ts";
import type { Home } from "../home/home.ts";
import type { TrackedFile } from "../manifest/tracked-files.ts";

const KnownFile = z.object({
  size: z.number(),
  mtime_ms: z.number(),
  sha256: z.string(),
  seen_ms: z.number().describe("When the file was looked at last"),
});
export type KnownFile = z.infer<typeof KnownFile>;

const KnownSession = KnownFile.extend({
  session_id: z.string(),
  parent: z.string().optional(),
  cwd: z.string().optional(),
});

const StateFile = z.object({
  format: z.literal(1),
  url: z.string(),
  /** Workspace ids the server gave, by `machine\0tool\0project`. */
  workspaces: z.record(z.string(), z.string()).default({}),
  knowledge: z.record(z.string(), KnownFile).default({}),
  sessions: z.record(z.string(), KnownSession).default({}),
});
type StateFile = z.infer<typeof StateFile>;

/**
 * What one server is known to hold of this machine's files. Only a shortcut: without it every file is looked at
 * again and the server is asked, nothing is lost. One file per server, so that changing servers forgets nothing.
 */
export class SyncState {
  readonly #home: Home;
  readonly #name: string;
  readonly #url: string;
  readonly #workspaces: Map<string, string>;
  readonly #knowledge: Map<string, KnownFile>;
  readonly #sessions: Map<string, z.infer<typeof KnownSession>>;
  #changed = false;

  private constructor(home: Home, name: string, file: StateFile) {
    this.#home = home;
    this.#name = name;
    this.#url = file.url;
    this.#workspaces = new Map(Object.entries(file.workspaces));
    this.#knowledge = new Map(Object.entries(file.knowledge));
    this.#sessions = new Map(Object.entries(file.sessions));
  }

  /** The state for a server; with `forget` it knows no files. A damaged one is set aside with its bytes. */
  static async open(home: Home, url: string, { forget = false } = {}): Promise<SyncState> {
    const name = `${createHash("sha256").update(url).digest("hex").slice(0, 12)}.json`;
    const empty: StateFile = { format: 1, url, workspaces: {}, knowledge: {}, sessions: {} };
    const file = (await readState(join(home.state, name))) ?? empty;
    return new SyncState(home, name, forget ? { ...empty, workspaces: file.workspaces } : file);
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
    return {
      sessionId: known.session_id,
      ...(known.parent === undefined ? {} : { parent: known.parent }),
      ...(known.cwd === undefined ? {} : { cwd: known.cwd }),
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
    const { path, sessionId, parent, cwd, sizeBytes, mtimeMs } = transcript;
    this.#sessions.set(path, {
      size: sizeBytes,
      mtime_ms: mtimeMs,
      sha256,
      seen_ms: seenMs,
      session_id: sessionId,
      ...(parent === undefined ? {} : { parent }),
      ...(cwd === undefined ? {} : { cwd }),
    });
    this.#changed = true;
  }

  /** Forgets transcripts that are not there any more. */
  keepSessions(paths: ReadonlySet<string>): void {
    for (const path of this.#sessions.keys())
      if (!paths.has(path)) this.#changed = this.#sessions.delete(path);
  }

  /** Writes what changed since the last time. */
  async save(): Promise<void> {
    if (!this.#changed) return;
    await makeFolders(this.#home.state);
    await using folder = await Folder.open(this.#home.state);
    const file: StateFile = {
      format: 1,
      url: this.#url,
      workspaces: Object.fromEntries(this.#workspaces),
      knowledge: Object.fromEntries(this.#knowledge),
      sessions: Object.fromEntries(this.#sessions),
    };
    await replaceFile(folder, this.#name, JSON.stringify(file));
    this.#changed = false;
  }
}

/** How a knowledge file is named in the state. */
export function knowledgeKey(file: Pick<TrackedFile, "workspaceId" | "upload" | "path">): string {
  return [file.workspaceId, file.upload, file.path].join("\0");
}

async function readState(path: string): Promise<StateFile | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
  const parsed = StateFile.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  await rename(path, `${path}.damaged-${Date.now()}`);
  return undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
