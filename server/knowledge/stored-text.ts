import type { Stats } from "node:fs";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { isErrno } from "../../disk/errno.ts";
import { parseVersionName, versionName } from "../storage/layout.ts";
import { foreignLink } from "./current-file.ts";
import { Place } from "./place.ts";

/** A current file as it was when it was read. */
export interface StoredText {
  bytes: Buffer;
  stats: Stats;
}

/**
 * Reads a document or, without a path, an overview, without promises: for threads that search or index. Throws
 * ENOENT, `forbidden` for what the store never opens (links, devices, hard links made by others), `too_large`.
 */
export function readStoredText(root: string, workspaceId: string, path: string | undefined): StoredText {
  const place = placeOf(root, workspaceId, path);
  using folder = place.enterFolderSync();
  const { stats, bytes } = folder.read(place.name, mostBytes(path));
  if (bytes === undefined) throw new AppError("too_large", `"${place.path}" was made too long by hand`);
  if (stats.nlink > 1 && !isVersioned(place, stats, bytes)) throw foreignLink(place);
  return { bytes, stats };
}

/** What a document or, without a path, an overview may have. */
export function mostBytes(path: string | undefined): number {
  return path === undefined ? LIMITS.overview.fileBytes : LIMITS.knowledge.fileBytes;
}

/** Where a document or, without a path, the overview lies. */
export function placeOf(root: string, workspaceId: string, path: string | undefined): Place {
  return path === undefined ? Place.overview(root, workspaceId) : Place.of(root, workspaceId, path);
}

/** Whether a version is the same file, or the newest one has the same bytes, as in a copy without hard links. */
function isVersioned(place: Place, stats: Stats, bytes: Buffer): boolean {
  try {
    using versions = place.enterVersionsSync();
    const kept = versions
      .names()
      .flatMap((name) => parseVersionName(name) ?? [])
      .sort((a, b) => b.version - a.version);
    const isSame = (name: string) => {
      const own = versions.look(name);
      return own?.ino === stats.ino && own.dev === stats.dev;
    };
    if (kept.some(({ version }) => isSame(versionName(version)))) return true;
    const [newest] = kept;
    if (newest === undefined || newest.deleted) return false;
    return versions.read(versionName(newest.version), bytes.length).bytes?.equals(bytes) === true;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}
