/** Disk format 1: the only place that spells folder and file names under MEMORY_ROOT. SPEC.md describes it for users. */
export const FORMAT = 1;

export const LAYOUT = {
  meta: "_meta",
  format: "format.json",
  registry: "workspaces.json",
  tokens: "tokens.json",
  joins: "joins.json",
  bindingKey: "binding.key",
  localAdmin: "local-admin.json",
  lock: "lock.sqlite",
  index: "index",
  knowledgeIndex: "knowledge.sqlite",
  sessionIndex: "sessions.sqlite",
  workspaces: "workspaces",
  identity: "identity.json",
  overview: "overview.md",
  knowledge: "knowledge",
  memories: "memories",
  sessions: "sessions",
  versions: ".versions",
  versionedKnowledge: "knowledge",
  versionedMemories: "memories",
  memoriesIntent: "memories.intent.json",
  versionedOverview: "overview",
  globalReadme: "README.md",
  globalIndex: "INDEX.md",
} as const;

const VERSION_DIGITS = 6;
const VERSION_NAME = /^(\d{6,})\.(md|deleted)$/;

/** `000007.md`, or `000008.deleted` for the mark of a deletion. */
export function versionName(version: number, kind: "md" | "deleted" = "md"): string {
  return `${String(version).padStart(VERSION_DIGITS, "0")}.${kind}`;
}

export function parseVersionName(name: string): { version: number; deleted: boolean } | undefined {
  const [, digits, kind] = VERSION_NAME.exec(name) ?? [];
  return digits === undefined ? undefined : { version: Number(digits), deleted: kind === "deleted" };
}

const ARCHIVE_NAME = /^(\d{8}T\d{6}Z)-([A-Za-z0-9._-]+?)(?:\.r(\d+))?\.jsonl\.gz$/;

/** Folder and base name (without `.jsonl.gz` / `.json`) of a session archive, by its start in UTC. */
export function archivePlace(
  start: Date,
  sessionId: string,
  revision: number,
): { folders: [string, string]; base: string } {
  const iso = start.toISOString();
  const stamp = `${iso.slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
  const suffix = revision === 1 ? "" : `.r${revision}`;
  return { folders: [iso.slice(0, 4), iso.slice(5, 7)], base: `${stamp}-${sessionId}${suffix}` };
}

export function parseArchiveName(
  name: string,
): { stamp: string; sessionId: string; revision: number } | undefined {
  const [, stamp, sessionId, revision] = ARCHIVE_NAME.exec(name) ?? [];
  if (stamp === undefined || sessionId === undefined) return undefined;
  return { stamp, sessionId, revision: revision === undefined ? 1 : Number(revision) };
}

export const ARCHIVE_SUFFIX = ".jsonl.gz";
export const FACTS_SUFFIX = ".json";

/** Path below the root of an archive that is named as facts files name it. */
export function archiveSegments(workspaceId: string, archive: string): string[] {
  return [LAYOUT.workspaces, workspaceId, LAYOUT.sessions, ...archive.split("/")];
}
