/** A stable address of stored lines: `memory://<workspace>/sessions/<session>#L120-134`. */
export function sessionAnchor(
  workspaceId: string,
  sessionId: string,
  line?: number,
  lastLine?: number,
): string {
  return `memory://${encodeURIComponent(workspaceId)}/sessions/${encodeURIComponent(sessionId)}${lines(line, lastLine)}`;
}

/** `memory://<workspace>/knowledge/<path>#L12`. */
export function knowledgeAnchor(workspaceId: string, path: string, line?: number, lastLine?: number): string {
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  return `memory://${encodeURIComponent(workspaceId)}/knowledge/${encoded}${lines(line, lastLine)}`;
}

/** `memory://<workspace>/overview.md`. */
export function overviewAnchor(workspaceId: string): string {
  return `memory://${encodeURIComponent(workspaceId)}/overview.md`;
}

function lines(first: number | undefined, last: number | undefined): string {
  if (first === undefined) return "";
  return last === undefined || last === first ? `#L${first}` : `#L${first}-${last}`;
}
