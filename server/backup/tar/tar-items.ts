import { AppError } from "../../../contract/errors.ts";
import { LIMITS } from "../../../contract/limits.ts";
import type { Item } from "../item.ts";
import { ByteSource } from "./byte-source.ts";
import { BLOCK_BYTES, damagedTar, decodeHeader, type Header } from "./header.ts";
import { decodePax, type PaxFields } from "./pax.ts";
import { padding } from "./tar-writer.ts";

/** Kinds of headers: what follows them belongs to the entry behind, or to all. */
const PAX = "x";
const PAX_FOR_ALL = "g";
const GNU_LONG_NAME = "L";
const GNU_LONG_LINK = "K";

/**
 * What is in a tar, of this program's or of another's (pax, GNU, ustar). Only files, folders and hard links are read; others
 * are said to be there. A file that nobody asks for is passed over. Throws `damaged`.
 */
export async function* tarItems(bytes: AsyncIterable<Buffer>): AsyncGenerator<Item> {
  const source = new ByteSource(bytes);
  let about: PaxFields = {};
  for (;;) {
    const block = await source.take(BLOCK_BYTES);
    if (block === undefined) throw damagedTar("it ends too early");
    const header = decodeHeader(block);
    if (header === undefined) return;
    const said = await saidBefore(source, header);
    if (said !== undefined) {
      Object.assign(about, said);
      continue;
    }
    yield* entry(source, header, about);
    about = {};
  }
}

/** What a header says of the next entry; undefined for an entry itself. */
async function saidBefore(source: ByteSource, { type, sizeBytes }: Header): Promise<PaxFields | undefined> {
  if (![PAX, PAX_FOR_ALL, GNU_LONG_NAME, GNU_LONG_LINK].includes(type)) return undefined;
  if (sizeBytes > LIMITS.backup.headerBytes) throw damagedTar("a header is too long");
  const content = (await source.take(sizeBytes)) ?? Buffer.alloc(0);
  await source.take(padding(sizeBytes));
  if (type === PAX) return decodePax(content);
  // It names no file, and times of all files are of no use.
  if (type === PAX_FOR_ALL) return {};
  const text = content.toString("utf8").replace(/\0.*$/s, "");
  return type === GNU_LONG_NAME ? { path: text } : { linkpath: text };
}

async function* entry(source: ByteSource, header: Header, about: PaxFields): AsyncGenerator<Item> {
  const name = about.path ?? header.name;
  const path = plain(name);
  const sizeBytes = about.size === undefined ? header.sizeBytes : sizeOf(about.size);
  switch (header.type) {
    case "0":
    case "\0":
    case "":
    case "7":
      if (name.endsWith("/")) yield { kind: "folder", path };
      else yield* file(source, { path, sizeBytes, modified: modifiedOf(header, about) });
      return;
    case "5":
      // The folder that all lies in has no name of its own.
      if (path !== "" && path !== ".") yield { kind: "folder", path };
      return;
    case "1":
      if (sizeBytes > 0) throw damagedTar("a hard link has content");
      yield { kind: "link", path, to: plain(about.linkpath ?? header.linkName) };
      return;
    default:
      yield { kind: "skipped", path };
      for await (const _ of source.pieces(sizeBytes + padding(sizeBytes)));
  }
}

async function* file(
  source: ByteSource,
  { path, sizeBytes, modified }: { path: string; sizeBytes: number; modified: Date },
): AsyncGenerator<Item> {
  const content = source.pieces(sizeBytes);
  yield { kind: "file", path, sizeBytes, modified, pieces: () => content };
  // Nothing is left of what was read, all of it of what was not.
  for await (const _ of content);
  await source.take(padding(sizeBytes));
}

function plain(name: string): string {
  return name.replace(/^(?:\.\/)+/, "").replace(/\/+$/, "");
}

function sizeOf(text: string): number {
  const size = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(size)) throw damagedTar("its size is no number");
  return size;
}

function modifiedOf({ mtimeSeconds }: Header, { mtime }: PaxFields): Date {
  const modified = new Date(Math.round(mtime === undefined ? mtimeSeconds * 1000 : Number(mtime) * 1000));
  if (Number.isNaN(modified.getTime())) throw new AppError("damaged", "A time in the tar file is none");
  return modified;
}
