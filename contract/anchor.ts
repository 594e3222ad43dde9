import { DocumentPath } from "./document-path.ts";
import { SessionId, WorkspaceId } from "./ids.ts";
import { KnowledgePath } from "./knowledge-path.ts";
import { addressOf, isMemory } from "./memory-prefix.ts";

/** A stable address of stored lines: `memory://<workspace>/sessions/<session>#L120-134`. */
export function sessionAnchor(
  workspaceId: string,
  sessionId: string,
  line?: number,
  lastLine?: number,
): string {
  return `memory://${encodeURIComponent(workspaceId)}/sessions/${encodeURIComponent(sessionId)}${lines(line, lastLine)}`;
}

/** `memory://<workspace>/knowledge/<path>#L12`; of a memory `memory://<workspace>/memories/<path>#L12`. */
export function knowledgeAnchor(workspaceId: string, path: string, line?: number, lastLine?: number): string {
  return `memory://${encodeURIComponent(workspaceId)}/${addressOf(path)}${lines(line, lastLine)}`;
}

/** `memory://<workspace>/overview.md`. */
export function overviewAnchor(workspaceId: string): string {
  return `memory://${encodeURIComponent(workspaceId)}/overview.md`;
}

function lines(first: number | undefined, last: number | undefined): string {
  if (first === undefined) return "";
  return last === undefined || last === first ? `#L${first}` : `#L${first}-${last}`;
}

/** What an anchor names. */
export type Anchor = { workspaceId: string; lines: { first: number; last: number } | undefined } & (
  | { kind: "overview" }
  | { kind: "knowledge"; path: string }
  | { kind: "session"; sessionId: string }
);

/** Workspace, path, and an optional `#L12` or `#L12-34`. No user, port, query or backslash. */
const ANCHOR = /^memory:\/\/([^/?#@:\\]+)\/([^?#\\]+)(?:#L([1-9]\d{0,8})(?:-([1-9]\d{0,8}))?)?$/;

/**
 * Reads an anchor: percent-encoding is undone exactly once, segment by segment, and no dot segment is ever
 * resolved. Undefined for everything else than an address in one of the workspaces.
 */
export function parseAnchor(text: string): Anchor | undefined {
  const [, authority, path, first, last] = ANCHOR.exec(text) ?? [];
  if (authority === undefined || path === undefined) return undefined;
  const workspaceId = WorkspaceId.safeParse(decodeOnce(authority)).data;
  const [folder, ...segments] = path.split("/").map(decodeOnce);
  if (workspaceId === undefined || folder === undefined || folder.includes("/")) return undefined;
  if (segments.some((segment) => segment === undefined || segment.includes("/"))) return undefined;
  const range = first === undefined ? undefined : { first: Number(first), last: Number(last ?? first) };
  if (range !== undefined && range.last < range.first) return undefined;
  return within(
    { workspaceId, lines: range },
    folder,
    segments.length === 0 ? undefined : segments.join("/"),
  );
}

function within(
  common: Pick<Anchor, "workspaceId" | "lines">,
  folder: string,
  rest: string | undefined,
): Anchor | undefined {
  if (folder === "overview.md" && rest === undefined) return { ...common, kind: "overview" };
  if (folder === "sessions") {
    const sessionId = SessionId.safeParse(rest).data;
    return sessionId === undefined ? undefined : { ...common, kind: "session", sessionId };
  }
  const path = documentPath(folder, rest);
  return path === undefined ? undefined : { ...common, kind: "knowledge", path };
}

function documentPath(folder: string, rest: string | undefined): string | undefined {
  if (folder === "knowledge") return KnowledgePath.safeParse(rest).data;
  if (rest === undefined) return KnowledgePath.safeParse(folder).data;
  const path = `${folder}/${rest}`;
  // The name of the knowledge's folder may be left out, as people do who write an anchor by hand.
  return isMemory(`/${path}`) ? DocumentPath.safeParse(`/${path}`).data : KnowledgePath.safeParse(path).data;
}

function decodeOnce(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
