import { inQuotes } from "../../contract/query-format.ts";
import { QUERY_FIELDS } from "../../contract/query-fields.ts";

const HEAD = new RegExp(`^(-?(?:(?:${QUERY_FIELDS.join("|")}):)?)(.*)$`, "is");

/**
 * The query that arguments of a shell stand for. The shell has taken the quotes away: of several arguments, one with a
 * blank in it was quoted, so it is a phrase (or the value of its field). A single argument is a query of its own.
 */
export function queryText(positionals: readonly string[]): string {
  const [only, ...others] = positionals;
  return others.length === 0 ? (only ?? "") : positionals.map(requoted).join(" ");
}

/** With its own quotes it says already what it means. */
function requoted(argument: string): string {
  if (!/\s/.test(argument.trim()) || /["“„]/.test(argument)) return argument;
  const [, head = "", text = ""] = HEAD.exec(argument) ?? [];
  return `${head}${inQuotes(text)}`;
}
