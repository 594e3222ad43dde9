import { AppError } from "./errors.ts";

/** What of a query's text narrows the search, written `field:value`. */
export const QUERY_FIELDS = [
  "workspace",
  "machine",
  "tool",
  "project",
  "role",
  "file",
  "type",
  "after",
  "before",
] as const;
export type QueryField = (typeof QUERY_FIELDS)[number];

/** What a value begins with where people mean a field: `tool::run` and `file:///tmp` are no fields. */
const VALUE = /^[\p{L}\p{N}"“„*._/\\~@#$-]/u;
const ADDRESS = /^\/\//;
/** Shorter words are near to too many others. */
const SHORTEST_SLIP = 4;

/**
 * The field that `name:` in front of this text is; undefined when these are ordinary words, such as `std::string` or
 * `http://x`. Throws `invalid_input` for a field that is only nearly one.
 */
export function fieldBefore(name: string, text: string): QueryField | undefined {
  if (!VALUE.test(text) || ADDRESS.test(text)) return undefined;
  const word = name.toLowerCase();
  const field = QUERY_FIELDS.find((known) => known === word);
  if (field !== undefined) return field;
  const meant = word.length < SHORTEST_SLIP ? undefined : QUERY_FIELDS.find((known) => isSlip(word, known));
  if (meant === undefined) return undefined;
  throw queryFault(`there is no field "${name}:". Did you mean "${meant}:"?`, `"${name}:…"`);
}

/** Whether a slip of the fingers makes one word of the other: a letter missing, a letter too many, or two swapped. */
function isSlip(word: string, meant: string): boolean {
  if (word.length === meant.length) return isSwapped(word, meant);
  const [short, long] = word.length < meant.length ? [word, meant] : [meant, word];
  if (long.length - short.length !== 1) return false;
  const at = firstDifference(short, long);
  return short.slice(at) === long.slice(at + 1);
}

function isSwapped(word: string, meant: string): boolean {
  const at = firstDifference(word, meant);
  const swapped = `${meant.charAt(at + 1)}${meant.charAt(at)}`;
  return word.slice(at, at + 2) === swapped && word.slice(at + 2) === meant.slice(at + 2);
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a.charAt(at) === b.charAt(at)) at += 1;
  return at;
}

/** A query that cannot be understood: what is wrong with it, and how the same characters are looked for as text. */
export function queryFault(reason: string, asText?: string): AppError {
  const hint = asText === undefined ? "" : `To look for the text itself, put it in quotes: ${asText}. `;
  return new AppError("invalid_input", `query: ${reason}`, {
    hint: `${hint}Mode literal takes every query as it is`,
  });
}
