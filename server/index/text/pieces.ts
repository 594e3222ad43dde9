import { RUN_CLASS, WORD_CLASS } from "./characters.ts";

/**
 * A piece of a text that becomes a term: a whole word, a part of a name written `likeThis`, or two neighbours (at the
 * end of their run one alone) of a script without spaces.
 */
export interface Piece {
  text: string;
  kind: "word" | "part" | "pair";
}

/** Names of one letter go on with signs: C#, C++. */
const WORD = new RegExp(String.raw`[A-Za-z](?:#|\+\+)|${WORD_CLASS}+`, "gu");

/** The words of a text, in their order: what stands between blanks and signs. */
export function wordsIn(text: string): string[] {
  return text.match(WORD) ?? [];
}

const RUN = new RegExp(`${RUN_CLASS}+`, "gu");

/** The pieces of one of the `wordsIn` a text; a name goes before its parts. */
export function piecesOf(word: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { 0: run, index } of word.matchAll(RUN)) {
    // One by one: a call does not take as many arguments as a long run has pieces.
    for (const piece of [...named(word.slice(at, index)), ...paired(run)]) pieces.push(piece);
    at = index + run.length;
  }
  return [...pieces, ...named(word.slice(at))];
}

const HUMP = /(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/;
/** A name of more parts is no name but random letters. */
const MOST_PARTS = 9;

function named(text: string): Piece[] {
  if (text === "") return [];
  const parts = text.split(HUMP);
  const word: Piece = { text, kind: "word" };
  if (parts.length === 1 || parts.length > MOST_PARTS) return [word];
  return [word, ...parts.map((part): Piece => ({ text: part, kind: "part" }))];
}

function paired(run: string): Piece[] {
  const characters = Array.from(run);
  return characters.map((character, index) => ({
    text: `${character}${characters[index + 1] ?? ""}`,
    kind: "pair",
  }));
}
