import { mkdtemp, open, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { Folder } from "../../disk/folder.ts";
import { inflateZstd } from "./zstd.ts";

/** A transcript as a file; what it is about does not matter here. */
export interface TranscriptFile {
  path: string;
  compressed: boolean;
}

const READ_BYTES = 256 * 1024;

/**
 * A transcript's bytes as they were when it was opened: what the client appends afterwards is not seen, so a
 * digest over one `read()` and the body of the next agree. Close it, or use `await using`.
 */
export class OpenTranscript implements AsyncDisposable {
  /** Raw bytes, decompressed. */
  readonly sizeBytes: number;
  readonly #handle: FileHandle;
  readonly #cleanUp: () => Promise<void>;

  constructor(handle: FileHandle, sizeBytes: number, cleanUp: () => Promise<void>) {
    this.#handle = handle;
    this.sizeBytes = sizeBytes;
    this.#cleanUp = cleanUp;
  }

  /** Bytes `fromByte` up to, not including, `toByte`. Throws `unavailable` when the file was cut meanwhile. */
  async *read(fromByte = 0, toByte = this.sizeBytes): AsyncGenerator<Buffer> {
    const end = Math.min(toByte, this.sizeBytes);
    for (let position = fromByte; position < end;) {
      const wanted = Math.min(READ_BYTES, end - position);
      const { buffer, bytesRead } = await this.#handle.read(Buffer.allocUnsafe(wanted), 0, wanted, position);
      if (bytesRead === 0)
        throw new AppError(
          "unavailable",
          "The transcript became shorter while it was read; it is tried again",
        );
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
    await this.#cleanUp();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * Opens a transcript for reading any range of it; a compressed one is decompressed into a temporary file of the
 * owner's first. Throws ENOENT when it is gone, `too_large` past `LIMITS.sessions.rawBytes`, `damaged`.
 */
export async function openTranscript(transcript: TranscriptFile): Promise<OpenTranscript> {
  const handle = await openFile(transcript.path);
  if (!transcript.compressed) return checked(handle, async () => undefined);
  try {
    return await inflated(handle);
  } finally {
    await handle.close();
  }
}

/** The bytes of a file from its start, decompressed when they are compressed; the caller stops when it has enough. */
export async function* readFromStart(transcript: TranscriptFile): AsyncGenerator<Buffer> {
  const handle = await openFile(transcript.path);
  try {
    yield* transcript.compressed ? inflateZstd(readAll(handle)) : readAll(handle);
  } finally {
    await handle.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  await using folder = await Folder.open(dirname(path));
  return await folder.openFile(basename(path));
}

async function checked(handle: FileHandle, cleanUp: () => Promise<void>): Promise<OpenTranscript> {
  const { size } = await handle.stat();
  if (size <= LIMITS.sessions.rawBytes) return new OpenTranscript(handle, size, cleanUp);
  await handle.close();
  await cleanUp();
  throw tooLarge();
}

async function inflated(compressed: FileHandle): Promise<OpenTranscript> {
  const folder = await mkdtemp(join(tmpdir(), "memory-sync-"));
  const removeFolder = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, "transcript.jsonl");
    await spool(inflateZstd(readAll(compressed)), path);
    const handle = await open(path, "r");
    // An open file outlives its name, and a process that is killed then leaves nothing behind. Not so on Windows.
    if (process.platform !== "win32") await removeFolder();
    return await checked(handle, removeFolder);
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

async function spool(source: AsyncIterable<Buffer>, path: string): Promise<void> {
  const handle = await open(path, "wx", 0o600);
  try {
    let sizeBytes = 0;
    for await (const chunk of source) {
      sizeBytes += chunk.length;
      if (sizeBytes > LIMITS.sessions.rawBytes) throw tooLarge();
      await handle.writeFile(chunk);
    }
  } finally {
    await handle.close();
  }
}

async function* readAll(handle: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0; ;) {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(64 * 1024), 0, 64 * 1024, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

function tooLarge(): AppError {
  return new AppError("too_large", `The transcript is larger than ${LIMITS.sessions.rawBytes} bytes`);
}
