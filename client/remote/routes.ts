import { addressOf } from "../../contract/memory-prefix.ts";

/** Addresses of the server's HTTP API, below `/api/v1`. */

export function workspaceRoute(workspaceId: string): string {
  return `/workspaces/${encodeURIComponent(workspaceId)}`;
}

export function knowledgeRoute(workspaceId: string, path: string): string {
  return `${workspaceRoute(workspaceId)}/${addressOf(path)}`;
}

export function sessionRoute(workspaceId: string, sessionId: string): string {
  return `${workspaceRoute(workspaceId)}/sessions/${encodeURIComponent(sessionId)}`;
}
