import { LIMITS } from "../../contract/limits.ts";
import { TempFile } from "../../disk/atomic-file.ts";
import type { Folder } from "../../disk/folder.ts";

const PIECE_BYTES = 256 * 1024;

/** Bytes on their way to a file whose header is not known yet: a few in memory, many in a temporary file. */
export class Spool implements AsyncDisposable {
  readonly #folder: Folder;
  #memory: Buffer[] = [];
  #file: TempFile | undefined;
  #sizeBytes = 0;

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async write(data: Buffer): Promise<void> {
    this.#sizeBytes += data.length;
    if (this.#file !== undefined) return this.#file.write(data);
    // A copy: what zlib gives is a part of a larger buffer, all of which it would keep alive.
    this.#memory.push(Buffer.from(data));
    if (this.#sizeBytes <= LIMITS.sessions.spoolMemoryBytes) return undefined;
    this.#file = await TempFile.create(this.#folder);
    for (const piece of this.#memory) await this.#file.write(piece);
    this.#memory = [];
    return undefined;
  }

  /** All that was written, in order. */
  async *pieces(): AsyncGenerator<Buffer, void, undefined> {
    yield* this.#memory;
    if (this.#file !== undefined) yield* readRange(this.#file.handle, { from: 0, to: this.#sizeBytes });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.[Symbol.asyncDispose]();
  }
}

/** The bytes of an open file from `from` up to `to`. */
export async function* readRange(
  handle: TempFile["handle"],
  { from, to }: { from: number; to: number },
): AsyncGenerator<Buffer, void, undefined> {
  for (let position = from; position < to;) {
    const piece = Buffer.alloc(Math.min(PIECE_BYTES, to - position));
    const { bytesRead } = await handle.read(piece, 0, piece.length, position);
    if (bytesRead === 0) throw new Error("the file became shorter while it was read");
    yield piece.subarray(0, bytesRead);
    position += bytesRead;
  }
}
