import { LIMITS } from "../../../contract/limits.ts";
import { isRecent } from "../../knowledge/retention.ts";
import { ARCHIVE_SUFFIX, FACTS_SUFFIX, LAYOUT } from "../../storage/layout.ts";
import type { Stamped } from "./digests.ts";
import { finding, type Finding } from "./finding.ts";
import { versionAt, versionsOf } from "./version-path.ts";

const SESSION = new RegExp(`^${LAYOUT.workspaces}/[^/]+/${LAYOUT.sessions}/`);
const IDENTITY = new RegExp(`^${LAYOUT.workspaces}/[^/]+/${LAYOUT.identity}$`);
const META = new RegExp(`^${LAYOUT.meta}/[^/]+[.](json|key)$`);

/** Files of a backup that a store has no more. What the server never removes is lost; the rest may have been meant. */
export function goneFindings(present: ReadonlySet<string>, backup: Stamped): Finding[] {
  const kept = numbersIn(present);
  const known = numbersIn(backup.digests.keys());
  const gone = [...backup.digests.keys()].filter((path) => !present.has(path));
  return gone.flatMap((path) => {
    if (versionAt(path) !== undefined) return isDropped(path, { kept, backup }) ? [] : [missing(path)];
    // Deleted, or removed by hand: its versions say which, and are looked at by themselves.
    if (known.has(versionsOf(path) ?? "")) return [];
    if (SESSION.test(path)) return sessionGone(path, { present, backup });
    if (IDENTITY.test(path) || META.test(path)) return [missing(path)];
    return [finding("against.gone", path, "the backup holds it; the server did not need it")];
  });
}

/** Facts beside an archive are derived; without one they are all there is of the session. */
function sessionGone(
  path: string,
  { present, backup }: { present: ReadonlySet<string>; backup: Stamped },
): Finding[] {
  if (!path.endsWith(FACTS_SUFFIX)) return [missing(path)];
  const archive = `${path.slice(0, -FACTS_SUFFIX.length)}${ARCHIVE_SUFFIX}`;
  return present.has(archive) || backup.digests.has(archive) ? [] : [missing(path)];
}

/** Whether retention may have dropped a version: enough newer ones are there, and it is old. */
function isDropped(
  path: string,
  { kept, backup }: { kept: ReadonlyMap<string, number[]>; backup: Stamped },
): boolean {
  const { folder, version } = versionAt(path) ?? { folder: "", version: 0 };
  const newer = (kept.get(folder) ?? []).filter((number) => number > version);
  const modifiedMs = backup.times.get(path)?.modifiedMs ?? 0;
  return newer.length >= LIMITS.versions.newest && !isRecent(new Date(modifiedMs), new Date());
}

/** Numbers of versions, by their folders. */
function numbersIn(paths: Iterable<string>): Map<string, number[]> {
  const numbers = new Map<string, number[]>();
  for (const path of paths) {
    const at = versionAt(path);
    if (at !== undefined) numbers.set(at.folder, [...(numbers.get(at.folder) ?? []), at.version]);
  }
  return numbers;
}

function missing(path: string): Finding {
  return finding("against.missing", path, "the backup holds it, and the server never removes it");
}
