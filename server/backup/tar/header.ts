import { AppError } from "../../../contract/errors.ts";

export const BLOCK_BYTES = 512;

/** Offset and length of a header's fields. Source: POSIX.1-2001, pax, "ustar Interchange Format". */
const FIELDS = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  linkName: [157, 100],
  magic: [257, 8],
  prefix: [345, 155],
} as const;
type Field = keyof typeof FIELDS;

/** What one header block says. */
export interface Header {
  name: string;
  type: string;
  linkName: string;
  sizeBytes: number;
  mtimeSeconds: number;
}

/** Who a tar's files belong to when root extracts it. */
export interface Owner {
  uid: number;
  gid: number;
}

/** What fits into a field, at most: the rest stands in a pax header before. */
const MOST = { nameBytes: 100, sizeBytes: 8 ** 11 - 1, id: 8 ** 7 - 1 };

export function fitsName(path: string): boolean {
  return Buffer.byteLength(path) === path.length && path.length <= MOST.nameBytes;
}

export function fitsSize(bytes: number): boolean {
  return bytes <= MOST.sizeBytes;
}

/** Only what fits: a longer name is cut, a larger size is 0. */
export function encodeHeader(header: Header & { mode: number; owner: Owner }): Buffer {
  const { name, type, linkName, sizeBytes, mtimeSeconds, mode, owner } = header;
  const block = Buffer.alloc(BLOCK_BYTES);
  const text = (field: Field, value: string) =>
    block.write(value, FIELDS[field][0], FIELDS[field][1], "utf8");
  const number = (field: Field, value: number) =>
    text(field, `${value.toString(8).padStart(FIELDS[field][1] - 1, "0")}\0`);
  text("name", name);
  number("mode", mode);
  number("uid", owner.uid > MOST.id ? 0 : owner.uid);
  number("gid", owner.gid > MOST.id ? 0 : owner.gid);
  number("size", fitsSize(sizeBytes) ? sizeBytes : 0);
  number("mtime", Math.max(0, mtimeSeconds));
  text("type", type);
  text("linkName", linkName);
  text("magic", "ustar\x0000");
  text("checksum", `${checksum(block).toString(8).padStart(6, "0")}\0 `);
  return block;
}

/** Undefined for a block of zeros, the end. Throws `damaged` for what is no header. */
export function decodeHeader(block: Buffer): Header | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (number(block, "checksum") !== checksum(block)) throw damagedTar("a header's checksum is wrong");
  const prefix = text(block, "magic").startsWith("ustar\0") ? text(block, "prefix") : "";
  const name = text(block, "name");
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    type: text(block, "type"),
    linkName: text(block, "linkName"),
    sizeBytes: number(block, "size"),
    mtimeSeconds: number(block, "mtime"),
  };
}

export function damagedTar(what: string, cause?: unknown): AppError {
  return new AppError("damaged", `The tar file cannot be read: ${what}`, { cause });
}

/** The sum of all bytes, as if the checksum's own were spaces. */
function checksum(block: Buffer): number {
  const [start, length] = FIELDS.checksum;
  const own = block.subarray(start, start + length).reduce((sum, byte) => sum + byte, 0);
  return block.reduce((sum, byte) => sum + byte, 0) - own + 0x20 * length;
}

function text(block: Buffer, field: Field): string {
  const [start, length] = FIELDS[field];
  const bytes = block.subarray(start, start + length);
  // The version follows the magic's zero.
  const end = field === "magic" ? -1 : bytes.indexOf(0);
  return bytes.toString("utf8", 0, end === -1 ? length : end);
}

/** Octal digits, or, behind a first byte of 0x80, a number of GNU's in base 256. */
function number(block: Buffer, field: Field): number {
  const [start, length] = FIELDS[field];
  const bytes = block.subarray(start, start + length);
  const value =
    bytes[0] === 0x80
      ? bytes.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0)
      : octal(bytes.toString("latin1").replaceAll("\0", " ").trim());
  if (!Number.isSafeInteger(value) || value < 0) throw damagedTar(`its ${field} is no number`);
  return value;
}

function octal(digits: string): number {
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || "0", 8) : Number.NaN;
}
