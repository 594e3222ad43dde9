import type * as z from "zod";
import { AppError } from "./errors.ts";
import { NamePart, WorkspaceId } from "./ids.ts";
import { queryFault, type QueryField } from "./query-fields.ts";
import { partsOfQuery, type QueryPart } from "./query-parts.ts";
import { SEARCH_KINDS, type SearchKind, type TurnRole } from "./search.ts";
import { TURN_ROLES } from "./turn-roles.ts";

/** A ranked query as it was understood. The text is normalized (NFC), and nothing of it is folded yet. */
export interface ParsedQuery {
  /** The plain words, as they were typed. */
  words: string[];
  /** Texts that must be there exactly, blanks as one. */
  phrases: string[];
  excluded: Exclusion[];
  filters: QueryFilters;
}

/** What must not be there: a word, or in quotes a text. */
export interface Exclusion {
  text: string;
  isQuoted: boolean;
}

/** Values of one field: any of the first ones will do, none of the others may be. */
export interface Choice<Value extends string = string> {
  only: Value[];
  not: Value[];
}

/** What the fields of a query ask for. */
export interface QueryFilters {
  workspace: Choice;
  machine: Choice;
  tool: Choice;
  project: Choice;
  role: Choice<TurnRole>;
  file: Choice;
  /** Kinds of documents; none named: all. */
  type: SearchKind[];
  /** Dates or times as they were typed. */
  after?: string;
  before?: string;
}

/**
 * Understands the text of a ranked query. Pure, and the only reader of that language: client and server cannot
 * disagree. Throws `invalid_input` that says what to change.
 */
export function parseQuery(text: string): ParsedQuery {
  const query = emptyQuery();
  for (const part of partsOfQuery(text.normalize("NFC"))) {
    if (part.kind === "field") addFilter(query.filters, part);
    else if (part.kind === "word") addWord(query, part);
    else if (part.isNegated) query.excluded.push({ text: part.text, isQuoted: true });
    else query.phrases.push(part.text);
  }
  if (query.words.length === 0 && query.phrases.length === 0) throw nothingToFind();
  if (kindsOf(query).length === 0)
    throw queryFault(
      "role: is for sessions, and type:knowledge asks for something else: take one of them away",
    );
  return query;
}

/** Mode literal, to which other faults lead, would look for the characters of a field. */
function nothingToFind(): AppError {
  return new AppError(
    "invalid_input",
    "query: there is nothing to look for: add a word that is to be found",
    {
      hint: "Fields and excluded words only narrow a search; files and sessions can also be listed. Mode literal would look for these very characters",
    },
  );
}

/** The kinds of documents that a query can be about: only sessions have roles. */
export function kindsOf({ filters: { type, role } }: ParsedQuery): SearchKind[] {
  const hasRole = role.only.length + role.not.length > 0;
  return SEARCH_KINDS.filter(
    (kind) => (type.length === 0 || type.includes(kind)) && (kind === "session" || !hasRole),
  );
}

/** A query that asks for nothing and leaves out nothing. */
export function emptyQuery(): ParsedQuery {
  const none = (): Choice<never> => ({ only: [], not: [] });
  const filters = {
    workspace: none(),
    machine: none(),
    tool: none(),
    project: none(),
    role: none(),
    file: none(),
    type: [],
  };
  return { words: [], phrases: [], excluded: [], filters };
}

function addWord({ words, excluded }: ParsedQuery, { isNegated, text }: QueryPart): void {
  const name = isNegated ? excludedName(text) : undefined;
  if (name !== undefined) excluded.push({ text: name, isQuoted: false });
  else words.push(isNegated ? `-${text}` : text);
}

/** Shorter ones after a dash are flags of commands that people paste: `rm -rf`, `ls -la`. */
const SHORTEST_EXCLUSION = 3;
const NAME = /^(\p{L}[\p{L}\p{M}\p{N}_.'’-]*)[,;!?]*$/u;

/**
 * The word that a dash in front excludes: `-draft`, but not `-i`, `-rf`, `--flag`, `-1`, `->`, `-std=c++20` or
 * `-I/usr/include`. A script with thousands of letters needs no three.
 */
function excludedName(text: string): string | undefined {
  const name = NAME.exec(text)?.[1] ?? "";
  const letters = name.match(/[\p{L}\p{N}]/gu) ?? [];
  return letters.length >= SHORTEST_EXCLUSION || /[^\p{ASCII}]/u.test(name) ? name : undefined;
}

type FieldPart = Extract<QueryPart, { kind: "field" }>;

function addFilter(filters: QueryFilters, { field, isNegated, text }: FieldPart): void {
  switch (field) {
    case "type":
      if (isNegated) throw notNegatable(field);
      add(filters.type, kindOf(text));
      return;
    case "after":
    case "before":
      if (isNegated) throw notNegatable(field);
      if (filters[field] !== undefined) throw queryFault(`${field}: stands there twice: keep one`);
      filters[field] = text;
      return;
    case "role":
      add(filters.role[isNegated ? "not" : "only"], roleOf(text));
      return;
    case "workspace":
    case "machine":
    case "tool":
    case "project":
    case "file":
      add(filters[field][isNegated ? "not" : "only"], checked(field, text));
  }
}

function add<Value>(values: Value[], value: Value): void {
  if (!values.includes(value)) values.push(value);
}

function notNegatable(field: QueryField): Error {
  const instead = field === "type" ? "name the kind you want" : "use after: and before: the other way round";
  return queryFault(`-${field}: cannot be turned round: ${instead}`);
}

function kindOf(text: string): SearchKind {
  const kind = SEARCH_KINDS.find((known) => [known, `${known}s`].includes(text.toLowerCase()));
  if (kind !== undefined) return kind;
  throw queryFault(`type: takes ${SEARCH_KINDS.join(" or ")}, not "${text}"`, `"type:${text}"`);
}

function roleOf(text: string): TurnRole {
  const role = TURN_ROLES.find((known) => known === text.toLowerCase());
  if (role !== undefined) return role;
  throw queryFault(`role: takes ${TURN_ROLES.join(", ")}, not "${text}"`, `"role:${text}"`);
}

const SCHEMA_OF: Partial<Record<QueryField, z.ZodType<string>>> = {
  workspace: WorkspaceId,
  machine: NamePart,
  tool: NamePart,
  project: NamePart,
};

function checked(field: QueryField, text: string): string {
  const fault = SCHEMA_OF[field]?.safeParse(text).error?.issues[0]?.message;
  if (fault === undefined) return text;
  throw queryFault(`${field}: ${fault}`, `"${field}:${text}"`);
}
