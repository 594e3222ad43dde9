import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";

/** One thing of a store, on its way into a backup or out of one. Paths are below MEMORY_ROOT, with `/` between names. */
export type Item =
  | { kind: "folder"; path: string }
  | FileItem
  /** A second name of a file that came before. */
  | { kind: "link"; path: string; to: string }
  /** What no backup holds: links, devices, and names that are no Unicode. */
  | { kind: "skipped"; path: string };

/** A regular file. Its bytes can be asked for once, before the next item is; each piece is gone when the next is asked for. */
export interface FileItem {
  kind: "file";
  path: string;
  sizeBytes: number;
  /** To the millisecond. */
  modified: Date;
  /** Exactly `sizeBytes` bytes. Throws `conflict` when the file became shorter meanwhile, `damaged` when the disk cannot read it. */
  pieces: () => Iterable<Buffer> | AsyncIterable<Buffer>;
}

/** Where a backup is written to, or a store restored to. */
export interface Sink {
  put(item: Item): Promise<void>;
}

/** All of a file as text. Throws `too_large` for what no backup would say of itself. */
export async function textOf({ path, sizeBytes, pieces }: FileItem): Promise<string> {
  if (sizeBytes > LIMITS.backup.digestsBytes)
    throw new AppError("too_large", `${path} is larger than ${LIMITS.backup.digestsBytes} bytes`);
  const copies: Buffer[] = [];
  for await (const piece of pieces()) copies.push(Buffer.from(piece));
  return Buffer.concat(copies).toString("utf8");
}
