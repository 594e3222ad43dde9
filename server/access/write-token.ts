import { timingSafeEqual } from "node:crypto";
import { SECRET_PREFIXES } from "../../contract/secrets.ts";
import type { Identity } from "../workspaces/workspace.ts";
import { secretHash } from "./secret-hash.ts";

/** Whether `token` is the write token of the workspace, compared in constant time. */
export function isWriteToken(workspace: Identity, token: string | undefined): boolean {
  if (token === undefined || workspace.write_token_hash === undefined) return false;
  const known = Buffer.from(workspace.write_token_hash, "hex");
  const given = secretHash(token);
  return known.length === given.length && timingSafeEqual(known, given);
}

/** 256 random bits and more, as this server writes them. */
const OFFER = new RegExp(`^${SECRET_PREFIXES.write}[A-Za-z0-9_-]{43,128}$`);

/** A write token that a client made for itself; undefined for what is none, or too short to be a secret. */
export function offerIn(token: string | undefined): string | undefined {
  return token !== undefined && OFFER.test(token) ? token : undefined;
}
