import { LIMITS } from "../../../contract/limits.ts";
import { maskSecrets } from "../../../contract/secrets.ts";
import { RUN_CLASS } from "../../index/text/characters.ts";
import { fold } from "../../index/text/fold.ts";
import { piecesOf, wordsIn, type Piece } from "../../index/text/pieces.ts";
import { termOf } from "../../index/text/terms.ts";
import { ASKING_PHRASES, ASKING_WORDS, BINDING, STOP_WORDS } from "./stop-words.ts";
import { WEIGHTS } from "./weights.ts";

/** A word of a ranked query. */
export interface Word {
  /** The term that words of a text become too. For `beginning` its first character, for `signs` the folded text. */
  text: string;
  /** The word as it was typed, folded. */
  typed: string;
  /**
   * A text holds a `word` where one of its words has that term, and everything else wherever it stands: a `pair` and (of
   * one character) a `beginning` of a script without spaces, and `signs`, which are in no index.
   */
  kind: "word" | "pair" | "beginning" | "signs";
  /** How much it tells beside its being rare: 1, or less for what is only part of a name or of the asking. */
  weight: number;
  /** The word that follows without a blank between, as in `refund.ts`, and how many characters further it begins. */
  joined?: { text: string; chars: number };
}

/** A secret is no word, and neither is what of it is shown. The look behind lets a word be tried from its beginning only. */
const MASKED = /(?<!\S)\S*\*{8}\S*/g;
/** What belongs to a word but is no part of it: `it's`, `don't`, `person’s`. */
const APOSTROPHE = /(?<=\p{L})['’](?:s|t|ll|re|ve|m|d)(?!\p{L})/giu;
const RUN = new RegExp(`${RUN_CLASS}+`, "gu");

/**
 * The words a ranked search looks for, each once, in their order: without stop words unless nothing else is there.
 * Signs mean nothing, but a query of signs only looks for the signs as they are. Never empty for a query with a
 * visible character.
 */
export function wordsOf(query: string): Word[] {
  const text = maskSecrets(query).replaceAll(MASKED, " ").replaceAll(APOSTROPHE, "");
  const words = text.split(/\s+/u).flatMap(wordsOfName);
  if (words.length > 0) return firstFew(words);
  const all = wordsIn(text).flatMap((word) => wordsOfPieces(piecesOf(word)));
  return firstFew(all.length > 0 ? all : signsIn(query));
}

/** What stands between two blanks, without stop words: mostly one word, or those of a file name, an address, a call. */
function wordsOfName(name: string): Word[] {
  const typed = wordsIn(name).filter((word) => !STOP_WORDS.has(fold(word)));
  const words = typed.map(tellingWords);
  return words.flatMap((some, index) => {
    const [first, ...parts] = some;
    const next = words[index + 1]?.[0];
    const chars = charsBetween(name, typed[index], typed[index + 1]);
    if (first?.kind !== "word" || parts.length > 0 || next?.kind !== "word" || chars === undefined)
      return some;
    return [{ ...first, joined: { text: next.text, chars } }];
  });
}

function charsBetween(name: string, first = "", next = ""): number | undefined {
  const start = name.indexOf(first);
  const end = next === "" ? -1 : name.indexOf(next, start + first.length);
  return end === -1 ? undefined : end - start;
}

/** Without the words of asking that some scripts write together with what is asked. */
function tellingWords(word: string): Word[] {
  const apart = word.replaceAll(RUN, (run) => run.replaceAll(ASKING_PHRASES, " "));
  return apart.split(" ").flatMap((part) => wordsOfPieces(piecesOf(part)));
}

/** The last character of a run is no word, unless it is the only one. */
function wordsOfPieces(pieces: readonly Piece[]): Word[] {
  return pieces.flatMap((piece, index) => {
    const isPair = piece.kind === "pair";
    if (isPair && isSingle(piece.text))
      return pieces[index - 1]?.kind === "pair" ? [] : [wordOf(piece, "beginning")];
    return [wordOf(piece, isPair ? "pair" : "word")];
  });
}

function isSingle(text: string): boolean {
  return Array.from(text).length === 1;
}

function wordOf(piece: Piece, kind: Word["kind"]): Word {
  const typed = fold(piece.text);
  return { text: termOf(piece), typed, kind, weight: weightOf(piece, typed) };
}

function weightOf({ kind, text }: Piece, typed: string): number {
  if (kind === "part") return WEIGHTS.part;
  const isAsking = kind === "pair" ? BINDING.test(text) : ASKING_WORDS.has(typed);
  return isAsking ? WEIGHTS.asking : 1;
}

function signsIn(query: string): Word[] {
  const signs = query.split(/\s+/u).filter((part) => part !== "");
  return signs.map((sign) => ({ text: fold(sign), typed: fold(sign), kind: "signs", weight: 1 }));
}

/** Each word once, as it tells most, and not more than one search looks for. */
export function firstFew(words: readonly Word[]): Word[] {
  const byText = new Map<string, Word>();
  for (const word of words)
    if ((byText.get(word.text)?.weight ?? 0) < word.weight) byText.set(word.text, word);
  return [...byText.values()].slice(0, LIMITS.search.words);
}
