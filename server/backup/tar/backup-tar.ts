import { statSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { dirname, join, basename, resolve } from "node:path";
import { sha256 } from "../../../disk/digest.ts";
import { WriteGuard } from "../../storage/write-guard.ts";
import { assertOutside, readableRoot } from "../backup.ts";
import type { FileItem, Item } from "../item.ts";
import { lostAmong } from "../lost-place.ts";
import { aboutText, BACKUP_FILES, digestsText } from "../manifest.ts";
import { storeItems } from "../order/store.ts";
import { tarOnDisk, tarOnOutput } from "./tar-file.ts";
import { TarWriter } from "./tar-writer.ts";

interface TarOptions {
  memoryRoot: string;
  /** A file, or where the bytes go at once. */
  to: string | NodeJS.WritableStream;
  version: string;
  progress?: (item: Item) => void;
}

/** As `backup`, into one tar. Extracted by any tar it is a store, with what the backup says of itself beside. */
export async function backupTar({ memoryRoot, to, version, progress }: TarOptions) {
  const root = await readableRoot(memoryRoot);
  const now = new Date();
  await using file = typeof to === "string" ? await tarOnDisk(await outside(root, to)) : tarOnOutput(to);
  const { uid, gid } = statSync(root);
  const writer = new TarWriter((data) => file.write(data), { owner: { uid, gid }, now });
  await new WriteGuard(root).run(async () => {
    for await (const item of storeItems(root)) {
      await writer.put(item);
      progress?.(item);
    }
  });
  const { bytes, skipped } = writer;
  const files = writer.digests.size;
  const text = digestsText(writer.digests);
  const about = {
    made_at: now.toISOString(),
    version,
    files,
    bytes,
    sha256: sha256(text),
    left_out: lostAmong(skipped),
  };
  await writer.put(textItem(BACKUP_FILES.digests, text, now));
  await writer.put(textItem(BACKUP_FILES.about, aboutText(about), now));
  await writer.finish();
  await file.finish();
  return { files, bytes, skipped };
}

/** The file's own place. Throws `invalid_input` for one in the store. */
async function outside(root: string, path: string): Promise<string> {
  const folder = await realpath(dirname(resolve(path)));
  const place = join(folder, basename(path));
  assertOutside(root, place);
  return place;
}

function textItem(path: string, text: string, modified: Date): FileItem {
  const data = Buffer.from(text);
  return { kind: "file", path, sizeBytes: data.length, modified, pieces: () => [data] };
}
