import { sha256 } from "../../disk/digest.ts";
import type { Edit, JsonPath, Rest, Unreadable } from "./edit.ts";
import { removeEach, removeInsertions, type Insertion } from "./insertions.ts";

/** What is known of something that was put into a text. */
export interface Hold {
  readonly insertions: readonly Insertion[];
  readonly made: readonly JsonPath[];
  /** Digest of the text with it, as UTF-8. */
  readonly after_sha256: string;
}

/**
 * A text without ours. `exact`: nobody changed it since, so it is what it was before, to the byte. `each`: it was
 * changed elsewhere, our texts were still there. `structure`: ours was found by what it looks like.
 */
export interface TakenOut extends Rest {
  readonly how: "exact" | "each" | "structure";
}

/** Takes ours out of a text. `holds`: what may have been put in, the latest first. Pure. */
export function takeOut(text: string, holds: readonly Hold[], edit: Edit): TakenOut | "nothing" | Unreadable {
  const digest = sha256(text);
  const exact = holds.find(
    ({ insertions, after_sha256 }) => insertions.length > 0 && after_sha256 === digest,
  );
  if (exact !== undefined)
    return { text: removeInsertions(text, exact.insertions), shifted: [], how: "exact" };
  const rest = edit.withoutOurs(
    text,
    holds.flatMap(({ made }) => made),
  );
  if (rest === "nothing" || "unreadable" in rest) return rest;
  for (const { insertions } of holds) {
    const each = insertions.length > 0 ? removeEach(text, insertions) : undefined;
    if (each !== undefined && edit.agree(each, rest.text)) return { ...rest, text: each, how: "each" };
  }
  return { ...rest, how: "structure" };
}
