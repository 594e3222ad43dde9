import { mkdir, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Searchable } from "../../server/search/search.ts";
import type { Archive } from "../../server/sessions/session.ts";
import { sha256 } from "../../disk/digest.ts";
import { tempFolder } from "./temp-folder.ts";

/** What a line of a made-up session says. */
export interface Said {
  role: "user" | "assistant" | "tool_result";
  text: string;
  time?: string;
}

/** A MEMORY_ROOT with files put there by hand, for whatever searches them. */
export class SearchMemory implements AsyncDisposable {
  readonly root: string;
  readonly #folder: AsyncDisposable;
  readonly #archives = new Map<string, Archive[]>();

  private constructor(root: string, folder: AsyncDisposable) {
    this.root = root;
    this.#folder = folder;
  }

  static async make(): Promise<SearchMemory> {
    const folder = await tempFolder();
    return new SearchMemory(folder.path, folder);
  }

  /** A workspace as the gate hands it to a search. */
  workspace(id: string): Searchable {
    const [machine = "", tool = "", project = ""] = id.split("-");
    return { id, machine, tool, project };
  }

  /** Writes a file of a workspace, with a modification time. */
  async file(
    workspaceId: string,
    path: string,
    content: string | Buffer,
    modified = "2026-11-01T00:00:00Z",
  ): Promise<void> {
    const target = join(this.root, "workspaces", workspaceId, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
    await utimes(target, new Date(modified), new Date(modified));
  }

  /** Puts a symbolic link into a workspace. */
  async link(workspaceId: string, path: string, to: string): Promise<void> {
    const target = join(this.root, "workspaces", workspaceId, path);
    await mkdir(dirname(target), { recursive: true });
    await symlink(to, target);
  }

  /** Of a document: a knowledge file, or a memory. */
  async knowledge(workspaceId: string, path: string, content: string, modified?: string): Promise<void> {
    const place = path.startsWith("/") ? path.slice(1) : `knowledge/${path}`;
    await this.file(workspaceId, place, content, modified);
  }

  /** Stores a session that started at `started`; every entry is one line of its transcript. */
  async session(
    workspaceId: string,
    sessionId: string,
    started: string,
    said: readonly (Said | string)[],
  ): Promise<void> {
    const lines = said.map((entry) => (typeof entry === "string" ? entry : transcriptLine(entry, started)));
    await this.transcript(workspaceId, sessionId, {
      started,
      raw: `${lines.join("\n")}\n`,
      lines: lines.length,
    });
  }

  async transcript(
    workspaceId: string,
    sessionId: string,
    { started, raw, lines }: { started: string; raw: string | Buffer; lines: number },
  ): Promise<void> {
    const stamp = `${started.slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
    const below = ["sessions", started.slice(0, 4), started.slice(5, 7), `${stamp}-${sessionId}.jsonl.gz`];
    await this.file(workspaceId, below.join("/"), gzipSync(raw));
    const startedMs = Date.parse(started);
    const archive: Archive = {
      workspaceId,
      sessionId,
      sha256: sha256(raw),
      startedMs,
      endedMs: startedMs + 3_600_000,
      lines,
      bytes: Buffer.byteLength(raw),
      archive: below.slice(1).join("/"),
    };
    const archives = [...(this.#archives.get(workspaceId) ?? []), archive];
    this.#archives.set(
      workspaceId,
      archives.sort((a, b) => b.startedMs - a.startedMs),
    );
  }

  /** Archives of a workspace, newest first. */
  readonly archives = async (workspaceId: string): Promise<Archive[]> =>
    this.#archives.get(workspaceId) ?? [];

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}

function transcriptLine({ role, text, time }: Said, started: string): string {
  const timestamp = time ?? started;
  if (role === "assistant")
    return JSON.stringify({
      type: "assistant",
      message: { role, content: [{ type: "text", text }] },
      timestamp,
    });
  const content = role === "user" ? text : [{ type: "tool_result", tool_use_id: "toolu_1", content: text }];
  return JSON.stringify({ type: "user", message: { role: "user", content }, timestamp });
}
