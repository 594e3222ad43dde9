import { QUERY_FIELDS } from "./query-fields.ts";
import type { Choice, ParsedQuery, QueryFilters } from "./query-language.ts";

/** The query as one would type it; to parse it gives the same query again. */
export function formatQuery({ words, phrases, excluded, filters }: ParsedQuery): string {
  const without = excluded.map(({ text, isQuoted }) => `-${isQuoted ? inQuotes(text) : text}`);
  return [...words, ...phrases.map(inQuotes), ...without, ...formatFilters(filters)].join(" ");
}

/** The filters as one would type them, one `field:value` each. */
export function formatFilters(filters: QueryFilters): string[] {
  return QUERY_FIELDS.flatMap((field) => {
    const { only, not } = choiceOf(filters[field]);
    return [
      ...only.map((value) => `${field}:${quotedIfNeeded(value)}`),
      ...not.map((value) => `-${field}:${quotedIfNeeded(value)}`),
    ];
  });
}

function choiceOf(value: Choice | readonly string[] | string | undefined): {
  only: readonly string[];
  not: readonly string[];
} {
  if (value === undefined) return { only: [], not: [] };
  if (typeof value === "string") return { only: [value], not: [] };
  return "only" in value ? value : { only: value, not: [] };
}

/** A text in quotes that it does not hold itself. */
export function inQuotes(text: string): string {
  return text.includes('"') ? `“${text}”` : `"${text}"`;
}

/** What is understood as it is, without quotes. */
const BARE = /^(?!\/\/)[\p{L}\p{N}*._/\\~@#$-]\S*$/u;

function quotedIfNeeded(value: string): string {
  return BARE.test(value) ? value : inQuotes(value);
}
