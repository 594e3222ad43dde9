import type { ParsedQuery } from "../../../contract/query-language.ts";
import { fold } from "../../index/text/fold.ts";
import { findWords, isFound } from "../words/find-words.ts";
import { wordsOf, type Word } from "../words/words.ts";

/** What a text must not hold: a word in any of its forms, or a text wherever it stands. */
export type Excluded = { word: Word } | { text: string };

/**
 * What a text must hold and must not hold to count in a ranked search. Texts are folded, and a blank in them stands for
 * any run of blanks and line breaks.
 */
export interface Conditions {
  phrases: readonly string[];
  excluded: readonly Excluded[];
}

/** The conditions of a query, folded. */
export function conditionsOf({ phrases, excluded }: Pick<ParsedQuery, "phrases" | "excluded">): Conditions {
  return { phrases: phrases.map(fold), excluded: excluded.map(excludedOf) };
}

/** `-write-token` is one thing to whoever typed it, though it is two words. */
function excludedOf({ text, isQuoted }: ParsedQuery["excluded"][number]): Excluded {
  const [word, ...others] = isQuoted ? [] : wordsOf(text);
  return word === undefined || others.length > 0 ? { text: fold(text) } : { word };
}

/** Whether these texts of one document or turn together hold all phrases, and none of them anything excluded. */
export function meets(texts: readonly string[], { phrases, excluded }: Conditions): boolean {
  if (phrases.length === 0 && excluded.length === 0) return true;
  const words = excluded.flatMap((each) => ("word" in each ? [each.word] : []));
  if (words.length > 0 && texts.some((text) => isFound(findWords(text, words)))) return false;
  const folded = texts.map(foldBlanks);
  const holds = (needle: string) => folded.some((text) => text.includes(needle));
  return phrases.every(holds) && !excluded.some((each) => "text" in each && holds(each.text));
}

/** Whether this line is one with a phrase in it. */
export function holdsPhrase(line: string, { phrases }: Conditions): boolean {
  if (phrases.length === 0) return false;
  const folded = foldBlanks(line);
  return phrases.some((phrase) => folded.includes(phrase));
}

function foldBlanks(text: string): string {
  return fold(text).replaceAll(/\s+/g, " ");
}
