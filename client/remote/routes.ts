/** Addresses of the server's HTTP API, below `/api/v1`. */

export function workspaceRoute(workspaceId: string): string {
  return `/workspaces/${encodeURIComponent(workspaceId)}`;
}

export function knowledgeRoute(workspaceId: string, path: string): string {
  return `${workspaceRoute(workspaceId)}/knowledge/${path.split("/").map(encodeURIComponent).join("/")}`;
}

export function sessionRoute(workspaceId: string, sessionId: string): string {
  return `${workspaceRoute(workspaceId)}/sessions/${encodeURIComponent(sessionId)}`;
}
