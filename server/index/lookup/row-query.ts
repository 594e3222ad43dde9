import { RUN_CLASS, WORD_CLASS } from "../text/characters.ts";
import { gramTerms, quoted } from "../text/grams.ts";
import type { IndexKind } from "../database/places.ts";
import type { Clause } from "../literals/sequence.ts";
import { termsOf } from "../text/terms.ts";

/** Pieces of a literal that are looked up: enough to tell it from others. Each takes time, so fewer where texts are short. */
const MOST_GRAMS: Record<IndexKind, number> = { knowledge: 6, sessions: 20 };
/** Of all literals together that may stand for one another, unless each then has very few. */
const CLAUSE_GRAMS = 96;
const FEWEST_GRAMS = 6;

/** Expressions of FTS5. A row counts when it matches `grams` and `words`, or the only one of them. */
export interface RowQuery {
  grams?: string | undefined;
  words?: string | undefined;
}

/** Finds texts that hold one of the folded texts. Undefined when an index cannot help: to read everything is faster. */
export function literalQuery(needles: readonly string[], of: IndexKind): RowQuery | undefined {
  const each = needles.map(wordsExpression);
  const words = each.includes(undefined) ? undefined : either(each.filter((one) => one !== undefined));
  if (needles.every((needle) => SHORT_RUN.test(needle))) return { words };
  const grams = gramsExpression([needles], MOST_GRAMS[of]);
  return grams === undefined && words === undefined ? undefined : { grams, words };
}

/** Finds texts that hold a folded literal of every clause. Undefined when an index cannot help. */
export function clausesQuery(clauses: readonly Clause[]): RowQuery | undefined {
  const grams = gramsExpression(clauses, MOST_GRAMS.sessions);
  return grams === undefined ? undefined : { grams };
}

/**
 * An FTS5 expression over `grams` for texts that hold a folded literal of every clause. Undefined when no clause has
 * literals that an index helps to find.
 */
function gramsExpression(clauses: readonly Clause[], mostGrams: number): string | undefined {
  const parts = clauses.flatMap((clause) => {
    const share = Math.max(FEWEST_GRAMS, Math.floor(CLAUSE_GRAMS / clause.length));
    const most = Math.min(mostGrams, share);
    const literals = clause.map((literal) => rarest(tellingGrams(literal), most));
    return literals.every((grams) => grams.length > 0) ? [either(literals.map(all))] : [];
  });
  return parts.length === 0 ? undefined : parts.join(" AND ");
}

/** Nearly every text holds any one character, and to find that out takes long. */
function tellingGrams(literal: string): string[] {
  return gramTerms(literal).filter((term) => !/^"(?:.|"")"\*$/su.test(term));
}

/** What texts hold most of, the most frequent first. */
const FREQUENT = '" etaoinsrhldcumfpgwybvkxjqz';

/**
 * The terms whose letters are rarest in English: what most texts hold tells nothing, and to go through its rows takes long.
 * No index is asked how frequent they are, for it knows of more than is in scope.
 */
function rarest(terms: readonly string[], most: number): readonly string[] {
  return terms.toSorted((a, b) => rarityOf(b) - rarityOf(a)).slice(0, most);
}

function rarityOf(term: string): number {
  return Array.from(term).reduce((sum, character) => {
    const place = FREQUENT.indexOf(character);
    return sum + (place === -1 ? FREQUENT.length : place);
  }, 0);
}

/** One or two characters of a script written without spaces, none of them a sign: a term of its own, or the beginning of some. */
const SHORT_RUN = new RegExp(`^(?:(?=${WORD_CLASS})${RUN_CLASS}){1,2}$`, "u");
/** Signs that stand in no term. */
const BETWEEN_WORDS = /[\s,;:!?()[\]{}<>="`|]+/;

/**
 * An FTS5 expression over `words` for texts that hold this folded literal: the words that stand whole in it, so that
 * they are whole in any text around it. Undefined when there are none.
 */
function wordsExpression(literal: string): string | undefined {
  if (SHORT_RUN.test(literal)) return `${quoted(literal)}${Array.from(literal).length === 1 ? "*" : ""}`;
  const whole = literal.split(BETWEEN_WORDS).slice(1, -1);
  const terms = whole.filter((word) => /^[a-z\d]+$/.test(word)).flatMap((word) => [...termsOf(word)]);
  return terms.length === 0 ? undefined : all([...new Set(terms)].map(quoted));
}

function all(parts: readonly string[]): string {
  return `(${parts.join(" AND ")})`;
}

function either(parts: readonly string[]): string {
  return `(${parts.join(" OR ")})`;
}
