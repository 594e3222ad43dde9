import { lstat } from "node:fs/promises";
import { LIMITS } from "../../contract/limits.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { mapBounded } from "../../disk/bounded.ts";
import { ARCHIVE_SUFFIX, FACTS_SUFFIX, parseArchiveName } from "../storage/layout.ts";
import { factsAgain, fileStamp, verified, type Month } from "./check.ts";
import { readFacts } from "./facts.ts";
import { archiveAt, stored, type KnownFacts, type StoredSession } from "./session.ts";

/**
 * The sessions of one month's folder, by the base name of their files. What is in `known` and has not changed on disk
 * is not read again. Facts that are missing or do not fit their archive are made anew from it.
 */
export async function readMonth(
  month: Month,
  known: ReadonlyMap<string, StoredSession>,
): Promise<Map<string, StoredSession>> {
  const names = await month.folder.names();
  const bases = without(
    ARCHIVE_SUFFIX,
    names.filter((name) => parseArchiveName(name) !== undefined),
  );
  const archives = new Set(bases);
  const aliases = without(FACTS_SUFFIX, names).filter((base) => !archives.has(base));
  const { fileReads } = LIMITS.concurrency;
  const found = [
    ...(await mapBounded(bases, fileReads, (base) => archived(month, base, known.get(base)))),
    ...(await mapBounded(aliases, fileReads, (base) => alias(month, base, known.get(base)))),
  ];
  return new Map(
    found.filter((session) => session !== undefined).map((session) => [session.place.base, session]),
  );
}

/** Those names that end with a suffix, without it. */
function without(suffix: string, names: readonly string[]): string[] {
  return names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
}

async function archived(
  month: Month,
  base: string,
  known: StoredSession | undefined,
): Promise<StoredSession | undefined> {
  const place = { folders: month.folders, base };
  const stat = await unlessMissing(lstat(month.folder.at(`${base}${ARCHIVE_SUFFIX}`), { bigint: true }));
  // A link or a folder with an archive's name is nothing of ours.
  if (stat === undefined || !stat.isFile()) return undefined;
  const fits = (facts: KnownFacts) =>
    facts.gzip_bytes === Number(stat.size) && facts.archive === archiveAt(place);
  if (known !== undefined && known.damaged === undefined && fits(known.facts)) return known;
  if (known?.damaged === fileStamp(stat)) return known;
  const read = await readFacts(month.folder, base);
  const facts = read !== undefined && sameName(read, base) ? read : undefined;
  // Facts that fitted an archive once that turned out to be damaged prove nothing about what replaced it.
  if (facts !== undefined && known?.damaged === undefined && fits(facts))
    return stored(month.workspaceId, place, facts);
  return factsAgain(month, place, facts);
}

function sameName(facts: KnownFacts, base: string): boolean {
  const name = parseArchiveName(`${base}${ARCHIVE_SUFFIX}`);
  return facts.session_id === name?.sessionId && facts.revision === name.revision;
}

/** Facts without an archive count only when they name another session's. They are the only record of it: what does not fit them is damage. */
async function alias(
  month: Month,
  base: string,
  known: StoredSession | undefined,
): Promise<StoredSession | undefined> {
  const place = { folders: month.folders, base };
  const facts = await readFacts(month.folder, base);
  if (facts === undefined || facts.archive === archiveAt(place) || !sameName(facts, base)) return undefined;
  const session = stored(month.workspaceId, place, facts);
  if (known?.damaged === undefined) return session;
  return (await verified(month.root, session, known.damaged)) ?? session;
}
