import { createHash, timingSafeEqual } from "node:crypto";
import type { Identity } from "../workspaces/workspace.ts";

/** Whether `token` is the write token of the workspace, compared in constant time. */
export function isWriteToken(workspace: Identity, token: string | undefined): boolean {
  if (token === undefined || workspace.write_token_hash === undefined) return false;
  const known = Buffer.from(workspace.write_token_hash, "hex");
  const given = createHash("sha256").update(token).digest();
  return known.length === given.length && timingSafeEqual(known, given);
}
