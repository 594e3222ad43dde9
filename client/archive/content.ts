import { mkdtemp, open, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { Folder } from "../../disk/folder.ts";
import type { RedactedTranscript, Redactor } from "../redact/redactor.ts";
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
  /** Raw bytes, decompressed; redacted, if a redactor was given. */
  readonly sizeBytes: number;
  /** What the redactor did; undefined without one. */
  readonly redacted: RedactedTranscript | undefined;
  readonly #handle: FileHandle;
  readonly #cleanUp: () => Promise<void>;

  constructor(
    handle: FileHandle,
    sizeBytes: number,
    { cleanUp, redacted }: { cleanUp: () => Promise<void>; redacted?: RedactedTranscript | undefined },
  ) {
    this.#handle = handle;
    this.sizeBytes = sizeBytes;
    this.redacted = redacted;
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
 * Opens a transcript for reading any range of it; a compressed one is decompressed, and with a redactor any is redacted,
 * into a temporary file of the owner's first: sizes, ranges and digests are then of what came out. Throws ENOENT when it is gone, `too_large` past `LIMITS.sessions.rawBytes`, `damaged`.
 */
export async function openTranscript(
  transcript: TranscriptFile,
  { redactor }: { redactor?: Redactor | undefined } = {},
): Promise<OpenTranscript> {
  const handle = await openFile(transcript.path);
  if (!transcript.compressed && redactor === undefined)
    return checked(handle, { cleanUp: async () => undefined });
  try {
    const content = transcript.compressed ? inflateZstd(readAll(handle)) : readAll(handle);
    return await spooled(
      content,
      redactor === undefined ? undefined : { redactor, isOver: await isOld(handle) },
    );
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

async function checked(
  handle: FileHandle,
  { cleanUp, redacted }: { cleanUp: () => Promise<void>; redacted?: RedactedTranscript | undefined },
): Promise<OpenTranscript> {
  const { size } = await handle.stat();
  if (size <= LIMITS.sessions.rawBytes) return new OpenTranscript(handle, size, { cleanUp, redacted });
  await handle.close();
  await cleanUp();
  throw tooLarge();
}

/** True when nobody will end the last line any more. */
async function isOld(handle: FileHandle): Promise<boolean> {
  return Date.now() - (await handle.stat()).mtimeMs > LIMITS.client.unfinishedLineMs;
}

async function spooled(
  content: AsyncIterable<Buffer>,
  redaction: Redaction | undefined,
): Promise<OpenTranscript> {
  const folder = await mkdtemp(join(tmpdir(), "memory-sync-"));
  const removeFolder = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, "transcript.jsonl");
    const redacted = await spool(content, path, redaction);
    const handle = await open(path, "r");
    // An open file outlives its name, and a process that is killed then leaves nothing behind. Not so on Windows.
    if (process.platform !== "win32") await removeFolder();
    return await checked(handle, { cleanUp: removeFolder, redacted });
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

interface Redaction {
  redactor: Redactor;
  isOver: boolean;
}

async function spool(
  source: AsyncIterable<Buffer>,
  path: string,
  redaction: Redaction | undefined,
): Promise<RedactedTranscript | undefined> {
  const handle = await open(path, "wx", 0o600);
  let sizeBytes = 0;
  const write = async (bytes: Buffer): Promise<void> => {
    sizeBytes += bytes.length;
    if (sizeBytes > LIMITS.sessions.rawBytes) throw tooLarge();
    await handle.writeFile(bytes);
  };
  try {
    if (redaction !== undefined)
      return await redaction.redactor.transcript(source, { write, isOver: redaction.isOver });
    for await (const chunk of source) await write(chunk);
    return undefined;
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
