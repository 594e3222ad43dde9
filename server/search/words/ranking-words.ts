import type { ParsedQuery } from "../../../contract/query-language.ts";
import { firstFew, wordsOf, type Word } from "./words.ts";

/**
 * The words by which a ranked search finds and orders: those of the phrases first, and of every phrase at least one, so
 * that whatever holds all phrases holds one of these words.
 */
export function rankingWords({ words, phrases }: Pick<ParsedQuery, "words" | "phrases">): Word[] {
  const texts = [...phrases, words.join(" ")].filter((text) => text !== "");
  const all = [...phrases.flatMap(wordsOf), ...wordsOf(texts.join(" "))];
  return firstFew(all);
}
