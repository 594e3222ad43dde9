import { slugify } from "../../contract/names.ts";
import type { Role } from "../../contract/wire.ts";

/** Who a verified token speaks for. Never holds the token. */
export interface Principal {
  /** Stable id of the token: `env-ai-…`, `env-sync-…`, `local-admin` or a named token's id. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Workspace id patterns; `*` stands for any run of characters. */
  readonly scope: readonly string[];
  /** Patterns of the workspaces it may also register, bind or upload to, as far as they are in its scope. */
  readonly writeScope: readonly string[];
  /** The slug of the only machine whose workspaces it may write to: `laptop-*` alone would cover those of `laptop-2`. */
  readonly machine?: string | undefined;
  /** When the token ends, in ISO 8601; absent when it does not. */
  readonly expiresAt?: string;
}

/** Whether the token may open this workspace at all, existing or not. */
export function inScope({ scope }: Principal, workspaceId: string): boolean {
  return isAmong(scope, workspaceId);
}

/** Whether the token may also write there by its patterns, existing or not. What it may not read it may not write either. */
export function inWriteScope(principal: Principal, workspaceId: string): boolean {
  return inScope(principal, workspaceId) && isAmong(principal.writeScope, workspaceId);
}

/** Whether the token may write to a workspace, which is or will be of this machine. */
export function mayWrite(principal: Principal, workspace: { id: string; machine: string }): boolean {
  const isOfMachine = principal.machine === undefined || principal.machine === slugify(workspace.machine);
  return isOfMachine && inWriteScope(principal, workspace.id);
}

function isAmong(patterns: readonly string[], workspaceId: string): boolean {
  return patterns.some((pattern) => matches(pattern, workspaceId));
}

/** Glob match with `*` only, in linear time: the parts between stars must occur in order. */
function matches(pattern: string, text: string): boolean {
  const parts = pattern.split("*");
  const first = parts[0] ?? "";
  const last = parts.at(-1) ?? "";
  if (parts.length === 1) return pattern === text;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length)
    return false;
  let position = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, position);
    if (found === -1) return false;
    position = found + part.length;
  }
  return position <= text.length - last.length;
}
