import { LAYOUT, parseVersionName } from "../../storage/layout.ts";

/** Which version a path below MEMORY_ROOT is of, and the folder of all versions of that file. */
interface VersionPath {
  folder: string;
  version: number;
}

const BELOW = [LAYOUT.versionedKnowledge, LAYOUT.versionedOverview] as const;

/** Undefined for what is no version. */
export function versionAt(path: string): VersionPath | undefined {
  const [top, , kept, part, ...names] = path.split("/");
  if (top !== LAYOUT.workspaces || kept !== LAYOUT.versions || !BELOW.some((name) => name === part))
    return undefined;
  const parsed = parseVersionName(names.at(-1) ?? "");
  return parsed && { folder: path.slice(0, path.lastIndexOf("/")), version: parsed.version };
}

/** Where the versions of a current knowledge file lie; undefined for other files. */
export function versionsOf(path: string): string | undefined {
  const [top, id, part, ...names] = path.split("/");
  if (top !== LAYOUT.workspaces || id === undefined) return undefined;
  const above = [top, id, LAYOUT.versions];
  if (part === LAYOUT.overview) return [...above, LAYOUT.versionedOverview].join("/");
  return part === LAYOUT.knowledge ? [...above, LAYOUT.versionedKnowledge, ...names].join("/") : undefined;
}
