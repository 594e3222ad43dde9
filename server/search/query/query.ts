import { AppError } from "../../../contract/errors.ts";
import { emptyQuery, parseQuery, type Choice, type ParsedQuery } from "../../../contract/query-language.ts";
import {
  type KnowledgeQuery,
  type SearchKind,
  type SessionQuery,
  type TurnRole,
} from "../../../contract/search.ts";
import { TURN_ROLES } from "../../../contract/turn-roles.ts";
import { fold } from "../../index/text/fold.ts";
import { parseTime } from "../../../contract/time.ts";
import { conditionsOf, type Conditions } from "./conditions.ts";
import { foldNames } from "./file-filter.ts";
import type { Filter } from "./filter.ts";
import { rankingWords } from "../words/ranking-words.ts";
import type { Literal } from "../words/literal.ts";
import type { Word } from "../words/words.ts";

/**
 * What to look for, decided. `needles`, words, phrases and what is excluded are folded; `expression` is a regular expression
 * for ripgrep only. Ranked: whatever holds one of the words and meets the conditions.
 */
export type Pattern =
  | ({ mode: "literal" } & Literal)
  | { mode: "regex"; expression: string }
  | ({ mode: "ranked"; words: readonly Word[] } & Conditions);

/** The query of either kind of search. */
export type AnyQuery = KnowledgeQuery & Pick<SessionQuery, "role">;

/** A query with everything that was decided about it. */
export interface Understood {
  pattern: Pattern;
  filter: Filter;
  /** What the text says; nothing in the modes that take it as it is. */
  language: ParsedQuery;
}

/** Throws `invalid_input` for what no search can look for, and for what a search of this kind cannot. */
export function understand(query: AnyQuery, kind: SearchKind): Understood {
  checkText(query.query);
  const language = languageOf(query);
  assertKind(language, kind);
  return { pattern: parsePattern(query, language), filter: parseFilter(query, language), language };
}

/** What the text of a query says besides its words: nothing in the modes that take it as it is. */
export function languageOf({ query, mode }: Pick<KnowledgeQuery, "query" | "mode">): ParsedQuery {
  return mode === "ranked" ? parseQuery(query) : emptyQuery();
}

function assertKind({ filters: { type, role } }: ParsedQuery, kind: SearchKind): void {
  if (type.length > 0 && !type.includes(kind))
    throw kind === "knowledge"
      ? new AppError("invalid_input", "query: type:session asks for sessions", {
          hint: "Use search_sessions",
        })
      : new AppError("invalid_input", "query: type:knowledge asks for knowledge files", {
          hint: "Use search_knowledge",
        });
  if (kind === "knowledge" && role.only.length + role.not.length > 0)
    throw new AppError("invalid_input", "query: role: is for sessions; knowledge files have no roles", {
      hint: "Use search_sessions, or take role: away",
    });
}

function parsePattern(query: AnyQuery, language: ParsedQuery): Pattern {
  const { mode } = query;
  if (mode === "ranked") return { mode, words: rankingWords(language), ...conditionsOf(language) };
  const forms = formsOf(query.query);
  if (mode === "regex")
    return { mode, expression: `${query.case === "ignore" ? "(?i)" : ""}${checkRegex(query.query, forms)}` };
  const needles = [...new Set(forms.map(fold))];
  return { mode, needles, ...(query.case === "match" && { exact: forms }) };
}

/** As it was typed, and composed: texts are kept as they were written, and most are composed. */
function formsOf(text: string): string[] {
  return [...new Set([text, text.normalize("NFC")])];
}

function checkText(query: string): void {
  if (!query.isWellFormed()) throw refusal("it is not valid Unicode");
  if (query.includes("\0")) throw refusal("it holds a NUL character");
}

/** `(?R)`, `(?-u)` and the like change how lines and bytes are read, which is the server's to decide. */
const FLAGS = /\(\?([A-Za-z-]+)[:)]/g;
const ALLOWED_FLAGS = /^[imsUxu]*(?:-[imsUx]+)?$/;
/** No name can stand there twice. */
const NAMED_GROUP = /\(\?P?<\w/;

/** The expression that any of its forms match. */
function checkRegex(expression: string, forms: readonly string[]): string {
  if (/[\r\n]/.test(expression))
    throw refusal("a regular expression is matched line by line and holds no line break");
  const bare = expression.replaceAll(/\\[\s\S]/g, "");
  for (const [, flags = ""] of bare.matchAll(FLAGS)) {
    if (!ALLOWED_FLAGS.test(flags)) throw refusal("only the flags i, m, s, x and U can be set");
  }
  return NAMED_GROUP.test(bare) ? expression : forms.join("|");
}

function refusal(reason: string): AppError {
  return new AppError("invalid_input", `query: ${reason}`, {
    hint: "Use mode literal to look for the text exactly as it is",
  });
}

/** What text and arguments let through together. Throws `invalid_input` for a bad date. */
function parseFilter(query: AnyQuery, { filters }: ParsedQuery): Filter {
  const { only, not } = filters.file;
  return {
    roles: rolesOf(query.role, filters.role),
    afterMs: edgeOf("after", [query.after, filters.after], Math.max),
    beforeMs: edgeOf("before", [query.before, filters.before], Math.min),
    files: only.length + not.length === 0 ? undefined : foldNames(filters.file),
  };
}

function rolesOf(wanted: TurnRole | undefined, { only, not }: Choice<TurnRole>): TurnRole[] | undefined {
  const roles = TURN_ROLES.filter(
    (role) =>
      (wanted === undefined || role === wanted) &&
      (only.length === 0 || only.includes(role)) &&
      !not.includes(role),
  );
  return roles.length === TURN_ROLES.length ? undefined : roles;
}

/** The edge of the window that is the tighter one, of those that were given. */
function edgeOf(
  field: string,
  given: readonly (string | undefined)[],
  tighter: (...times: number[]) => number,
): number | undefined {
  const times = given.flatMap((text) => (text === undefined ? [] : [parseTime(field, text).getTime()]));
  return times.length === 0 ? undefined : tighter(...times);
}
