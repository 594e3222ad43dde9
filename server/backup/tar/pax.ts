import { damagedTar } from "./header.ts";

/** What a pax header says of the entry behind it. */
export interface PaxFields {
  path?: string;
  linkpath?: string;
  size?: string;
  mtime?: string;
}

/** The content of a pax header: `<length> <key>=<value>\n`, whose length counts itself. */
export function encodePax(fields: PaxFields): Buffer {
  return Buffer.from(
    Object.entries(fields)
      .map(([key, value]) => record(` ${key}=${value}\n`))
      .join(""),
  );
}

function record(rest: string): string {
  const bytes = Buffer.byteLength(rest);
  const digits = String(bytes + String(bytes).length).length;
  return `${bytes + digits}${rest}`;
}

/** Fields that do not concern us are left out. Throws `damaged`, also for a sparse file, whose bytes lie elsewhere. */
export function decodePax(content: Buffer): PaxFields {
  const fields = new Map<string, string>();
  for (let start = 0; start < content.length;) {
    const space = content.indexOf(0x20, start);
    const length = Number(content.toString("latin1", start, space));
    const end = start + length;
    if (space === -1 || !Number.isInteger(length) || length <= 0 || end > content.length)
      throw damagedTar("a pax header is not as long as it says");
    const text = content.toString("utf8", space + 1, end - 1);
    const at = text.indexOf("=");
    if (text.startsWith("GNU.sparse.")) throw damagedTar("it holds a sparse file");
    fields.set(text.slice(0, at), text.slice(at + 1));
    start = end;
  }
  const known = (["path", "linkpath", "size", "mtime"] as const).flatMap((key) => {
    const value = fields.get(key);
    return value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(known);
}
