import { AREAS } from "../../knowledge/area.ts";
import { LAYOUT, parseVersionName } from "../../storage/layout.ts";

/** Which version a path below MEMORY_ROOT is of, and the folder of all versions of that file. */
interface VersionPath {
  folder: string;
  version: number;
}

const FOLDERS = new Set([
  ...AREAS.map(({ versions }) => versions.join("/")),
  `${LAYOUT.versions}/${LAYOUT.versionedOverview}`,
]);

/** Undefined for what is no version. */
export function versionAt(path: string): VersionPath | undefined {
  const [top, , kept, part, ...names] = path.split("/");
  if (top !== LAYOUT.workspaces || !FOLDERS.has(`${kept}/${part}`)) return undefined;
  const parsed = parseVersionName(names.at(-1) ?? "");
  return parsed && { folder: path.slice(0, path.lastIndexOf("/")), version: parsed.version };
}

/** Where the versions of a current document or overview lie; undefined for other files. */
export function versionsOf(path: string): string | undefined {
  const [top, id, part, ...names] = path.split("/");
  if (top !== LAYOUT.workspaces || id === undefined) return undefined;
  if (part === LAYOUT.overview) return [top, id, LAYOUT.versions, LAYOUT.versionedOverview].join("/");
  const area = AREAS.find(({ current }) => current === part);
  return area && [top, id, ...area.versions, ...names].join("/");
}
