import { createHash } from "node:crypto";
import { posix } from "node:path";
import { AppError } from "../../../contract/errors.ts";
import type { FileItem, Item, Sink } from "../item.ts";
import { BLOCK_BYTES, encodeHeader, fitsName, fitsSize, type Owner } from "./header.ts";
import { encodePax, type PaxFields } from "./pax.ts";

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
/** What one name in a tar is, that only readers without pax see. */
const PAX_NAME = "pax_header";

interface Entry {
  path: string;
  type: "0" | "1" | "5";
  sizeBytes: number;
  modified: Date;
  linkTo?: string;
}

/** Writes items as a tar: ustar with pax headers, as every tar of this century reads it. */
export class TarWriter implements Sink {
  /** SHA-256 of every file, by path. */
  readonly digests = new Map<string, string>();
  bytes = 0;
  readonly skipped: string[] = [];
  readonly #write: (data: Buffer) => Promise<void>;
  readonly #owner: Owner;
  readonly #now: Date;
  readonly #folders = new Set<string>();
  readonly #sizes = new Map<string, number>();

  /** `write` may keep the data until it has returned, not longer. */
  constructor(write: (data: Buffer) => Promise<void>, { owner, now }: { owner: Owner; now: Date }) {
    this.#write = write;
    this.#owner = owner;
    this.#now = now;
  }

  async put(item: Item): Promise<void> {
    switch (item.kind) {
      case "folder":
        return this.#folder(item.path);
      case "file":
        return this.#file(item);
      case "link":
        return this.#link(item);
      case "skipped":
        return void this.skipped.push(item.path);
    }
  }

  /** The end of the tar. */
  async finish(): Promise<void> {
    await this.#write(Buffer.alloc(2 * BLOCK_BYTES));
  }

  /** With those above it: else whoever extracts the tar makes them, with rights of its own choice. */
  async #folder(path: string): Promise<void> {
    if (path === "." || this.#folders.has(path)) return;
    await this.#folder(posix.dirname(path));
    await this.#header({ path: `${path}/`, type: "5", sizeBytes: 0, modified: this.#now });
    this.#folders.add(path);
  }

  async #file({ path, sizeBytes, modified, pieces }: FileItem): Promise<void> {
    await this.#folder(posix.dirname(path));
    await this.#header({ path, type: "0", sizeBytes, modified });
    const hash = createHash("sha256");
    for await (const piece of pieces()) {
      hash.update(piece);
      await this.#write(piece);
    }
    await this.#write(Buffer.alloc(padding(sizeBytes)));
    this.#keep(path, { digest: hash.digest("hex"), bytes: sizeBytes });
  }

  async #link({ path, to }: { path: string; to: string }): Promise<void> {
    const digest = this.digests.get(to);
    if (digest === undefined) throw new AppError("damaged", `${path} is a link to ${to}, which is not there`);
    await this.#folder(posix.dirname(path));
    await this.#header({ path, type: "1", sizeBytes: 0, modified: this.#now, linkTo: to });
    this.#keep(path, { digest, bytes: this.#sizes.get(to) ?? 0 });
  }

  #keep(path: string, { digest, bytes }: { digest: string; bytes: number }): void {
    this.digests.set(path, digest);
    this.#sizes.set(path, bytes);
    this.bytes += bytes;
  }

  async #header({ path, type, sizeBytes, modified, linkTo = "" }: Entry): Promise<void> {
    const pax: PaxFields = {
      ...(!fitsName(path) && { path }),
      ...(!fitsName(linkTo) && { linkpath: linkTo }),
      ...(!fitsSize(sizeBytes) && { size: String(sizeBytes) }),
      ...(modified.getTime() % 1000 !== 0 && type === "0" && { mtime: String(modified.getTime() / 1000) }),
    };
    const mtimeSeconds = Math.floor(modified.getTime() / 1000);
    const common = { mtimeSeconds, owner: this.#owner, mode: type === "5" ? FOLDER_MODE : FILE_MODE };
    const content = encodePax(pax);
    if (content.length > 0) {
      const header = { ...common, name: PAX_NAME, type: "x", linkName: "", sizeBytes: content.length };
      await this.#write(encodeHeader(header));
      await this.#write(Buffer.concat([content, Buffer.alloc(padding(content.length))]));
    }
    await this.#write(encodeHeader({ ...common, name: path, type, linkName: linkTo, sizeBytes }));
  }
}

/** Zeros behind so many bytes, to the end of the block. */
export function padding(bytes: number): number {
  return (BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES;
}
