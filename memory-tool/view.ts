import { LIMITS } from "../contract/limits.ts";
import { presentable } from "../contract/secrets.ts";
import { incomplete, canonicalPath } from "./arguments.ts";
import type { MemoryCommand } from "./command.ts";
import type { MemoryFiles } from "./files.ts";
import { imageTypeOf } from "./image.ts";
import { listing } from "./listing.ts";
import { numbered } from "./numbered-lines.ts";
import { shownPath } from "./path.ts";
import { Refusal } from "./refusal.ts";
import { textOf } from "./text-bytes.ts";
import { TEXTS } from "./texts.ts";

/** An image as models see it; `data` is Base64. */
export interface MemoryImage {
  image: { mimeType: string; data: string };
}

/** The command `view`: a folder's listing, a file's lines, or an image. */
export async function view(
  files: MemoryFiles,
  { path: given, view_range }: MemoryCommand,
): Promise<string | MemoryImage> {
  if (given === undefined) throw incomplete("view", { path: given });
  const path = canonicalPath(given);
  const kind = await files.look(path);
  if (kind === undefined) throw new Refusal(TEXTS.notThere(shownPath(path)));
  if (kind === "folder") return listing(path, await files.list(path));
  const file = await files.read(path);
  if (file === undefined) throw new Refusal(TEXTS.gone(shownPath(path)));
  return imageOf(path, file.bytes) ?? linesOf(path, file.bytes, view_range);
}

function imageOf(path: string, bytes: Buffer): MemoryImage | undefined {
  const mimeType = imageTypeOf(path, bytes);
  if (mimeType === undefined) return undefined;
  if (bytes.length > LIMITS.memories.imageBytes)
    throw new Refusal(TEXTS.largeImage(shownPath(path), bytes.length));
  return { image: { mimeType, data: bytes.toString("base64") } };
}

function linesOf(path: string, bytes: Buffer, range: readonly number[] = [1, -1]): string {
  const text = textOf(bytes);
  if (text === undefined) throw new Refusal(TEXTS.notUtf8(shownPath(path)));
  // Before anything is cut off: half a secret is no longer known as one.
  const lines = presentable(text).split("\n");
  const all = lines.length;
  if (all > LIMITS.memories.viewLines) throw new Refusal(TEXTS.tooManyLines(shownPath(path), all));
  const [start = 1, end = -1] = range;
  const first = Math.max(1, start);
  const shown = lines.slice(first - 1, end === -1 ? all : Math.max(0, end));
  return `${TEXTS.file(shownPath(path))}\n${numbered(shown, { first, all })}`;
}
