import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../contract/errors.ts";
import { Manifest } from "../../contract/manifest.ts";
import { isErrno, unlessMissing } from "../../disk/errno.ts";
import type { Home } from "../home/home.ts";
import { parseJsonFile } from "../parse-file.ts";
import { globFault } from "./glob.ts";

const KEYS = [...Object.keys(Manifest.shape), "local", "upload", "optional", "upload_prefix", "glob"];

/** A manifest that cannot be used; the others are used all the same. */
export interface ManifestFault {
  file: string;
  message: string;
  hint?: string;
}

export interface LoadedManifests {
  manifests: Manifest[];
  faults: ManifestFault[];
}

/** Every manifest of this machine, in the order of their file names. */
export async function loadManifests(home: Home): Promise<LoadedManifests> {
  const loaded: LoadedManifests = { manifests: [], faults: [] };
  for (const file of await fileNames(home.manifests)) {
    try {
      loaded.manifests.push(parseManifest(await readFile(join(home.manifests, file), "utf8")));
    } catch (error) {
      loaded.faults.push(faultOf(file, error));
    }
  }
  return loaded;
}

/** A manifest is good or reported as a whole: half of it would look as if the rest had been sent. */
function parseManifest(text: string): Manifest {
  const manifest = parseJsonFile(Manifest, text, KEYS);
  for (const [index, { glob }] of manifest.tracked_dirs.entries()) {
    const fault = globFault(glob);
    if (fault !== undefined) throw new AppError("invalid_input", `tracked_dirs[${index}].glob: ${fault}`);
  }
  return manifest;
}

async function fileNames(folder: string): Promise<string[]> {
  const names = (await unlessMissing(readdir(folder))) ?? [];
  return names.filter((name) => name.endsWith(".json") && !name.startsWith(".")).sort();
}

function faultOf(file: string, error: unknown): ManifestFault {
  if (error instanceof AppError)
    return { file, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  if (isErrno(error, "EACCES", "EPERM", "EISDIR", "ENOENT", "EIO", "ELOOP"))
    return { file, message: `it cannot be read (${error.code})` };
  throw error;
}
