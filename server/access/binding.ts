import { createHmac, timingSafeEqual } from "node:crypto";
import { LIMITS } from "../../contract/limits.ts";
import { SECRET_PREFIXES } from "../../contract/secrets.ts";
import type { Principal } from "./principal.ts";

const HOUR_MS = 3_600_000;
const MAC_BYTES = 16;
const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

/** What a binding is about: the workspace, and its epoch, which is raised to revoke all its bindings. */
export interface Bindable {
  id: string;
  epoch: number;
}

/**
 * Mints and checks bindings: `fmb_<workspace>.<expiry, hours since 1970 in base 36>.<128-bit MAC in base 32>`.
 * A binding proves that this token registered this workspace less than a day ago. It is worth nothing with
 * another token, so reading one in a transcript does not help. Nothing is stored but the key.
 */
export class Bindings {
  readonly #key: Buffer;
  readonly #now: () => number;

  constructor(key: Buffer, now: () => number = Date.now) {
    this.#key = key;
    this.#now = now;
  }

  issue(principal: Principal, workspace: Bindable): { binding: string; expiresAt: Date } {
    const hour = Math.ceil(this.#now() / HOUR_MS) + LIMITS.binding.lifetimeHours;
    const mac = this.#mac(principal, workspace, hour);
    const binding = `${SECRET_PREFIXES.binding}${encodeURIComponent(workspace.id)}.${hour.toString(36)}.${base32(mac)}`;
    return { binding, expiresAt: new Date(hour * HOUR_MS) };
  }

  /** The workspace a binding names, not yet verified; undefined when it is not shaped like a binding. */
  claimed(binding: string): string | undefined {
    return parse(binding)?.workspaceId;
  }

  /** Whether this token was given this binding for this workspace, in its present epoch, and it has not expired. */
  verify(binding: string, principal: Principal, workspace: Bindable): boolean {
    const parts = parse(binding);
    if (parts === undefined) return false;
    const expected = Buffer.from(base32(this.#mac(principal, workspace, parts.hour)));
    const given = Buffer.from(parts.mac);
    const genuine = expected.length === given.length && timingSafeEqual(expected, given);
    return genuine && parts.workspaceId === workspace.id && parts.hour * HOUR_MS > this.#now();
  }

  #mac(principal: Principal, workspace: Bindable, hour: number): Buffer {
    const claim = JSON.stringify(["fmb1", workspace.id, hour, principal.id, workspace.epoch]);
    return createHmac("sha256", this.#key).update(claim).digest().subarray(0, MAC_BYTES);
  }
}

function parse(binding: string): { workspaceId: string; hour: number; mac: string } | undefined {
  const match = /^fmb_([A-Za-z0-9%_~-]{1,700})\.([0-9a-z]{1,8})\.([a-z2-7]{26})$/.exec(binding);
  const [, encoded, hour, mac] = match ?? [];
  if (encoded === undefined || hour === undefined || mac === undefined) return undefined;
  try {
    const workspaceId = decodeURIComponent(encoded);
    // One spelling per binding, so that nothing but what was issued is ever accepted.
    if (encodeURIComponent(workspaceId) !== encoded) return undefined;
    return { workspaceId, hour: Number.parseInt(hour, 36), mac };
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** RFC 4648 base 32, lower case, without padding. */
function base32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32[(value >> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? text + BASE32[(value << (5 - bits)) & 31] : text;
}
