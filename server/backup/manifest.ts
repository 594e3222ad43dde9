import * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import { Sha256 } from "../../contract/ids.ts";
import { parseJson } from "../../contract/json.ts";
import { sha256 } from "../../disk/digest.ts";

/** The format of what goes around a store in a backup; the store's own is in `_meta/format.json`. */
const FORMAT = 1;

/** The two files that a backup has beside the store, and a store has not. */
export const BACKUP_FILES = { digests: "files.sha256", about: "BACKUP.json" } as const;

/** `BACKUP.json`, the last file that is written: a backup without it is none. */
const About = z.object({
  format: z.int().min(1),
  made_at: z.iso.datetime().describe("When it began: all that was acknowledged before is in it"),
  version: z.string(),
  files: z.int().min(0),
  bytes: z.int().min(0).describe("Of all files, second names counted as the first ones"),
  sha256: Sha256.describe("Of files.sha256"),
  left_out: z.int().min(1).optional().describe("Places of the store's own that could not be copied"),
});
export type About = z.infer<typeof About>;

/** How it is written: with a digest of itself. */
const Signed = About.extend({ check: Sha256.describe("Of what stands before it, as JSON without spaces") });

export function aboutText({
  made_at,
  version,
  files,
  bytes,
  sha256: digests,
  left_out,
}: Omit<About, "format">): string {
  const about: About = { format: FORMAT, made_at, version, files, bytes, sha256: digests, left_out };
  return `${JSON.stringify({ ...about, check: checkOf(about) }, undefined, 2)}\n`;
}

function checkOf(about: About): string {
  return sha256(JSON.stringify(about));
}

/** Throws `damaged` for what is no BACKUP.json, and `unavailable` for one of a newer format. */
export function parseAbout(text: string): About {
  const value = parseJson(text);
  const data = About.safeParse(value).data;
  if (data === undefined) throw unreadable();
  if (data.format > FORMAT)
    throw new AppError(
      "unavailable",
      `The backup has format ${data.format}; this program knows formats up to ${FORMAT}`,
      { hint: "Use the newer federated-memory that made it" },
    );
  const signed = Signed.safeParse(value).data;
  if (signed === undefined || signed.check !== checkOf(data)) throw unreadable();
  return data;
}

function unreadable(): AppError {
  return new AppError("damaged", `${BACKUP_FILES.about} of the backup is not what was written`);
}

/** The lines of `files.sha256`, as `sha256sum -c` reads them, sorted by path. */
export function digestsText(digests: ReadonlyMap<string, string>): string {
  const lines = [...digests].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, digest]) => line(path, digest));
  return lines.join("");
}

/** A backslash in front says that the name has some of its own: GNU's way to write names with line ends. */
function line(path: string, digest: string): string {
  const escaped = path.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  return `${escaped === path ? "" : "\\"}${digest}  ${escaped}\n`;
}

const LINE = /^(\\?)([0-9a-f]{64}) [ *](.+)$/;

/** Digests by path. Throws `damaged` for what is no such list. */
export function parseDigests(text: string): Map<string, string> {
  const digests = new Map<string, string>();
  for (const row of text.split("\n").slice(0, -1)) {
    const [, escaped, digest, path] = LINE.exec(row) ?? [];
    if (digest === undefined || path === undefined)
      throw new AppError("damaged", `${BACKUP_FILES.digests} of the backup cannot be read`);
    digests.set(escaped === "" ? path : unescaped(path), digest);
  }
  return digests;
}

function unescaped(path: string): string {
  return path.replaceAll(/\\([\\nr])/g, (_, sign: string) => {
    if (sign === "\\") return "\\";
    return sign === "n" ? "\n" : "\r";
  });
}
