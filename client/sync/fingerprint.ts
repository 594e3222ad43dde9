import { createHash } from "node:crypto";
import { listCandidates } from "../archive/listing.ts";
import type { TranscriptPlaces } from "../archive/places.ts";
import { pathsIn } from "../home/home.ts";
import { followLinks } from "../home/reach.ts";
import { filesBelow, statusOf } from "../manifest/folder-files.ts";
import { compileGlob } from "../manifest/glob.ts";

/** What a sync looks at on this machine. */
export interface Inputs {
  /** Single files. */
  files: readonly string[];
  folders: readonly { path: string; glob: string }[];
  places: TranscriptPlaces;
}

/** How all inputs look. */
export interface Fingerprint {
  /** Of every path with its size and time: equal when a sync would see the same files, none of them changed. */
  digest: string;
  /** The latest time of a file. */
  newestMs: number;
}

/** Looks at everything once, as a sync would; opens no file. */
export async function fingerprintOf({ files, folders, places }: Inputs): Promise<Fingerprint> {
  const lines: string[] = [];
  let newestMs = 0;
  const note = (path: string, file: { sizeBytes: number; mtimeMs: number } | undefined): void => {
    lines.push(`${path}\0${file?.sizeBytes}\0${file?.mtimeMs}`);
    newestMs = Math.max(newestMs, file?.mtimeMs ?? 0);
  };
  for (const path of files) note(path, statusOf(path));
  for (const { path, glob } of folders) {
    const [matches, pathOf] = [compileGlob(glob), pathsIn(path)];
    const start = await followLinks(path);
    for (const name of filesBelow(start, (fault) => lines.push(fault.message)))
      if (matches(name)) note(`${start}\0${name}`, statusOf(pathOf(name)));
  }
  const candidates = await listCandidates(places, ({ path, reason }) => lines.push(`${path}\0${reason}`));
  for (const candidate of candidates) note(candidate.path, candidate);
  return { digest: createHash("sha256").update(lines.join("\n")).digest("hex"), newestMs };
}
