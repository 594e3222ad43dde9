import type { Role } from "../../contract/wire.ts";

/** Who a verified token speaks for. Never holds the token. */
export interface Principal {
  /** Stable id of the token: `env-ai-…`, `env-sync-…`, `local-admin` or a named token's id. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Workspace id patterns; `*` stands for any run of characters. */
  readonly scope: readonly string[];
}

/** Whether the token may open this workspace at all, existing or not. */
export function inScope(principal: Principal, workspaceId: string): boolean {
  return principal.scope.some((pattern) => matches(pattern, workspaceId));
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
