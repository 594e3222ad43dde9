import { LIMITS } from "./limits.ts";

/** Letters that nobody can see (fillers, variation selectors) are no letters here. */
const NOT_SLUG = /[^[\p{L}\p{M}\p{N}]--\p{Default_Ignorable_Code_Point}]+/gv;
const encoder = new TextEncoder();

/** Bytes of a text in UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/**
 * The slug of a machine, tool or project name: Unicode NFC, lower case, letters and digits of any script kept,
 * everything else one `-`, trimmed, at most 64 bytes. Empty when nothing of the name can be kept.
 */
export function slugify(name: string): string {
  const dashed = name.normalize("NFC").toLowerCase().normalize("NFC").replace(NOT_SLUG, "-");
  let slug = "";
  let bytes = 0;
  for (const char of dashed.replace(/^-+/, "")) {
    bytes += byteLength(char);
    if (bytes > LIMITS.slug.bytes) break;
    slug += char;
  }
  return slug.replace(/-+$/, "");
}

/** The id a (machine, tool, project) gets, unless another triple has it already. */
export function workspaceIdOf(name: { machine: string; tool: string; project: string }): string {
  return [name.machine, name.tool, name.project].map(slugify).join("-");
}

/** The only workspace that any of these patterns can ever mean; undefined when there may be more, or none. */
export function soleWorkspaceOf(patterns: readonly string[]): string | undefined {
  const [only, ...more] = patterns;
  return only === undefined || more.length > 0 || only.includes("*") ? undefined : only;
}

/** Two names that some file system treats as one have the same fold. Source: Unicode full case folding, through upper case. */
export function foldCase(name: string): string {
  return name.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}
