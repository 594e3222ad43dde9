import { formatFilters, formatQuery, inQuotes } from "../../../contract/query-format.ts";
import type { SearchExplain, Why } from "../../../contract/search.ts";
import { maskSecrets } from "../../../contract/secrets.ts";
import type { AnyQuery, Understood } from "../query/query.ts";
import { rounded, type Ranked } from "../ranking/ranked.ts";
import type { Word } from "../words/words.ts";

/** How a query was understood, for people. Filters of the text are `field:value`, arguments `name=value`; times are spelt out. */
export function explainedQuery(
  query: AnyQuery,
  { pattern, filter, language }: Understood,
): SearchExplain["query"] {
  const ranked = pattern.mode === "ranked";
  const { after: _after, before: _before, ...others } = language.filters;
  return {
    mode: query.mode,
    text: ranked ? formatQuery(language) : query.query,
    // A part of a secret would not be known as one any more.
    words: ranked && maskSecrets(query.query) === query.query ? pattern.words.map(({ typed }) => typed) : [],
    phrases: language.phrases,
    excluded: language.excluded.map(({ text }) => text),
    filters: [
      ...formatFilters(others),
      ...argumentsOf(query),
      ...(query.case === undefined || ranked ? [] : [`case=${query.case}`]),
      ...timeOf("after", filter.afterMs),
      ...timeOf("before", filter.beforeMs),
    ],
  };
}

function argumentsOf({ workspace_id, machine, tool, project, role }: AnyQuery): string[] {
  const given = Object.entries({ workspace_id, machine, tool, project, role });
  return given.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
}

function timeOf(field: string, timeMs: number | undefined): string[] {
  return timeMs === undefined ? [] : [`${field}:${new Date(timeMs).toISOString()}`];
}

/** What each word added to the score of a hit, the most first. */
export function whyOf(words: readonly Word[], { shares }: Pick<Ranked<unknown>, "shares">): Why[] {
  return words
    .map(({ typed }, index) => ({ word: typed, score: rounded(shares[index] ?? 0) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
}

const NO_WORD = "Nothing holds any of these words. Mode literal finds parts of words too.";

/** What of the query has no meaning. In whole sentences. */
export function ignoredIn(query: AnyQuery): string[] {
  const isIgnored = query.mode === "ranked" && query.case === "match";
  return isIgnored ? ["Mode ranked ignores case; in literal and regex it can count."] : [];
}

/** What to try when nothing was found, where the query itself may be the reason. In whole sentences. */
export function adviceFor(query: AnyQuery, { language }: Understood, workspaces: number): string[] {
  const { excluded, filters } = language;
  if (workspaces === 0) {
    const fields = [...formatFilters(filters), ...argumentsOf(query)];
    return fields.length === 0 ? [] : [`No workspace fits ${fields.join(" ")}: list_workspaces shows them.`];
  }
  const unquoted = excluded.find(({ isQuoted }) => !isQuoted);
  const parts = formatQuery({ ...language, words: [] });
  if (query.mode === "ranked" && parts === "") return [NO_WORD];
  return [
    ...(parts === "" ? [] : [`Nothing was found that fits all of: ${parts}. Take some of it away.`]),
    ...(unquoted === undefined ? [] : [`${inQuotes(`-${unquoted.text}`)} in quotes is looked for as text.`]),
  ];
}
