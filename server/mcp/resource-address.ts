import { SessionId, WorkspaceId } from "../../contract/ids.ts";
import { KnowledgePath } from "../../contract/knowledge-path.ts";

interface LineRange {
  first: number;
  last: number;
}

/** What a `memory://` address names. */
export type Address = { workspaceId: string; lines: LineRange | undefined } & (
  | { kind: "overview" }
  | { kind: "knowledge"; path: string }
  | { kind: "session"; sessionId: string }
);

/** Workspace, path, and an optional `#L12` or `#L12-34`. No user, port, query or backslash. */
const ADDRESS = /^memory:\/\/([^/?#@:\\]+)\/([^?#\\]+)(?:#L([1-9]\d{0,8})(?:-([1-9]\d{0,8}))?)?$/;

/**
 * Reads an address as it was sent: percent-encoding is undone exactly once, segment by segment, and no dot segment
 * is ever resolved. Undefined for everything that is not an address this server could have given.
 */
export function parseAddress(uri: string): Address | undefined {
  const [, authority, path, first, last] = ADDRESS.exec(uri) ?? [];
  if (authority === undefined || path === undefined) return undefined;
  const workspaceId = WorkspaceId.safeParse(decodeOnce(authority)).data;
  const [folder, ...segments] = path.split("/").map(decodeOnce);
  if (workspaceId === undefined || segments.some((segment) => segment === undefined || segment.includes("/")))
    return undefined;
  const lines = first === undefined ? undefined : { first: Number(first), last: Number(last ?? first) };
  if (lines !== undefined && lines.last < lines.first) return undefined;
  if (folder === undefined || folder.includes("/")) return undefined;
  return within({ workspaceId, lines }, folder, segments.length === 0 ? undefined : segments.join("/"));
}

function within(
  common: Pick<Address, "workspaceId" | "lines">,
  folder: string,
  rest: string | undefined,
): Address | undefined {
  if (folder === "overview.md" && rest === undefined) return { ...common, kind: "overview" };
  if (folder === "sessions") {
    const sessionId = SessionId.safeParse(rest).data;
    return sessionId === undefined ? undefined : { ...common, kind: "session", sessionId };
  }
  // The folder's name may be left out, as people do who write an address by hand.
  const given = folder === "knowledge" ? rest : [folder, rest].filter((part) => part !== undefined).join("/");
  const path = KnowledgePath.safeParse(given).data;
  return path === undefined ? undefined : { ...common, kind: "knowledge", path };
}

function decodeOnce(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
