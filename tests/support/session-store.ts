import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { ArchiveStream, ByteSpan, SessionUpload } from "../../server/sessions/session.ts";
import type { UploadLimits } from "../../server/sessions/source.ts";
import { SessionStore } from "../../server/sessions/store.ts";
import { encodeEnd, encodeHeader, SeekableDeflate } from "../../server/storage/seekable-gzip.ts";
import { WriteGuard } from "../../server/storage/write-guard.ts";
import { tempFolder } from "./temp-folder.ts";

export const WORKSPACE = "laptop-claude-code-webshop";

/** The session whose lines `lines` makes. */
export const ID = "0c3a9d4e-1111-4222-8333-444455556666";
/** One line that a person typed. */
export const line = (content: string, second = 0): string =>
  `${JSON.stringify({ type: "user", sessionId: ID, timestamp: new Date(Date.UTC(2026, 4, 6, 7, 8, second)).toISOString(), message: { role: "user", content } })}\n`;
/** So many of them. */
export const lines = (count: number, from = 0): Buffer =>
  Buffer.from(
    Array.from({ length: count }, (_, index) =>
      line(`line ${from + index} ${"word ".repeat(index % 50)}`, index % 60),
    ).join(""),
  );

export interface SessionStoreLab extends AsyncDisposable {
  /** The root. */
  path: string;
  store: SessionStore;
  /** A store on the same root that has seen nothing yet. */
  restart(): SessionStore;
  /** Files below the workspace's `sessions/`, sorted. */
  files(): Promise<string[]>;
  /** An archive file as it is written for these bytes. */
  readBack(bytes: Buffer): Promise<Buffer>;
}

/** A session store on a folder that removes itself. */
export async function sessionStore(limits: Partial<UploadLimits> = {}): Promise<SessionStoreLab> {
  const folder = await tempFolder();
  const make = (): SessionStore =>
    new SessionStore(folder.path, new WriteGuard(folder.path), undefined, limits);
  await mkdir(join(folder.path, "workspaces"));
  return {
    path: folder.path,
    store: make(),
    restart: make,
    files: () => filesOf(folder.path),
    readBack: archiveOf,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** An upload of these bytes, in small pieces. */
export function upload(
  sessionId: string,
  bytes: Buffer,
  options: Partial<SessionUpload> = {},
): SessionUpload {
  return { sessionId, encoding: "identity", source: pieces(bytes), ...options };
}

/** A session's verbatim bytes. */
export async function text(lab: SessionStoreLab, sessionId: string): Promise<Buffer> {
  return buffer((await streamOf(lab, sessionId)).stream);
}

/** A session's bytes as a stream, plain and not masked unless told. */
export async function streamOf(
  { store }: SessionStoreLab,
  sessionId: string,
  options: { gzip?: boolean; mask?: boolean } = {},
  span: ByteSpan = {},
): Promise<ArchiveStream> {
  const bytes = await store.open(WORKSPACE, sessionId, { gzip: false, mask: false, ...options });
  return bytes.stream(span);
}

/** Paths of the archives, sorted. */
export async function archivesOf(lab: SessionStoreLab): Promise<string[]> {
  const names = await lab.files();
  return names
    .filter((name) => name.endsWith(".jsonl.gz"))
    .map((name) => join(lab.path, "workspaces", WORKSPACE, "sessions", name));
}

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  const size = 60_000;
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function filesOf(root: string): Promise<string[]> {
  const folder = join(root, "workspaces", WORKSPACE, "sessions");
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

async function archiveOf(bytes: Buffer): Promise<Buffer> {
  const body: Buffer[] = [];
  const deflate = new SeekableDeflate(async (data) => void body.push(data), { chunkBytes: 128 * 1024 });
  await deflate.add(bytes);
  const { header, chunks } = encodeHeader(await deflate.finish());
  return Buffer.concat([header, ...body, encodeEnd(chunks)]);
}

/** All pages of a session's raw view, put together as the reader of the pages would. */
export async function rawText(lab: SessionStoreLab, sessionId: string, maxBytes: number): Promise<string> {
  const pieces: string[] = [];
  let range: { from_line: number; from_char?: number | undefined } | undefined = { from_line: 1 };
  let lastLine = 0;
  while (range !== undefined) {
    const page = await lab.store.page(WORKSPACE, sessionId, "raw", { ...range, max_bytes: maxBytes });
    for (const shown of page.text === "" ? [] : page.text.split("\n")) {
      const [, number, rest = ""] = /^(\d+): ([\s\S]*)$/.exec(shown) ?? [];
      if (number === undefined) throw new Error(`a line without its number: ${shown.slice(0, 80)}`);
      if (Number(number) !== lastLine && lastLine !== 0) pieces.push("\n");
      lastLine = Number(number);
      pieces.push(rest);
    }
    range =
      page.next_line === undefined ? undefined : { from_line: page.next_line, from_char: page.next_char };
  }
  return pieces.join("");
}
