import type { Random } from "./random.ts";
import { CHINESE_WORDS, vocabularyOf } from "./words.ts";

const VOCABULARY = 40_000;
/** Places of the table that words are drawn from; a word has as many as it is frequent. */
const TABLE = 2 ** 18;
/** Frequency of the word of rank n is 1 / n to this power. */
const ZIPF = 1.05;
/** Words that one text keeps coming back to, and the share of its words that they are. */
const TOPIC_WORDS = 50;
const TOPIC_SHARE = 0.35;
/** Names and paths that the programs of one text use, and the share of new ones beside them. */
const NAMES = 100;
const PATHS = 25;
const NEW_SHARE = 0.1;

/** Writes sentences, code and Chinese on one topic. What it writes depends on the random numbers alone. */
export interface Writer {
  word(): string;
  /** A sentence; `extra` is put into its middle. */
  sentence(extra?: string): string;
  /** So many sentences in one line. */
  paragraph(sentences: number): string;
  chinese(words: number): string;
  /** So many lines of a program. */
  code(lines: number): string;
  /** A path as programs have them. */
  path(): string;
}

/** Makes writers; the table of words is made once. */
export class Writers {
  readonly #words = vocabularyOf(VOCABULARY);
  readonly #table = zipfTable(VOCABULARY);

  /** A writer with a topic of its own. */
  writer(random: Random): Writer {
    const topic = Array.from({ length: TOPIC_WORDS }, () => this.#words[rarely(random)] ?? "");
    const word = () =>
      random.chance(TOPIC_SHARE)
        ? random.pick(topic)
        : (this.#words[this.#table[random.integer(TABLE)] ?? 0] ?? "");
    const sentence = (extra?: string) => sentenceOf({ random, word }, extra);
    const name = fromPool(random, NAMES, () => nameOf({ random, word }));
    const path = fromPool(random, PATHS, () => `src/${random.pick(topic)}/${word()}-${word()}.ts`);
    return {
      word,
      sentence,
      paragraph: (sentences) => Array.from({ length: sentences }, () => sentence()).join(" "),
      chinese: (words) => chineseOf(random, words),
      code: (lines) => Array.from({ length: lines }, () => codeLine(random, name)).join("\n"),
      path,
    };
  }
}

/** Mostly what was used before, now and then something new. */
function fromPool(random: Random, size: number, make: () => string): () => string {
  const pool: string[] = [];
  return () => {
    if (pool.length === size && !random.chance(NEW_SHARE)) return random.pick(pool);
    const made = make();
    if (pool.length < size) pool.push(made);
    return made;
  };
}

/** A rank for a topic: rarer than those of the words around it, but seldom unheard of. */
function rarely(random: Random): number {
  return Math.floor(VOCABULARY * random.next() ** 3);
}

interface Pen {
  random: Random;
  word: () => string;
}

function sentenceOf({ random, word }: Pen, extra: string | undefined): string {
  const words = Array.from({ length: 5 + random.integer(16) }, word);
  if (extra !== undefined) words.splice(random.integer(words.length) + 1, 0, extra);
  const text = words.join(" ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${random.chance(0.1) ? "?" : "."}`;
}

function chineseOf(random: Random, words: number): string {
  let text = "";
  for (let count = 1; count <= words; count += 1) {
    // The lower of two: words at the front of the list are more frequent.
    const rank = Math.min(random.integer(CHINESE_WORDS.length), random.integer(CHINESE_WORDS.length));
    text += CHINESE_WORDS[rank] ?? "";
    if (count % 9 === 0) text += count % 27 === 0 ? "。" : "，";
  }
  return `${text}。`;
}

/** Lines of a program, with `$1` … for names; the indentation is part of them. */
const LINES = [
  'import { $1, $2 } from "./$3.ts";',
  "export function $1($2: $3): $4 {",
  "  const $1 = await $2.$3($4);",
  "  if ($1 === undefined) return $2;",
  "  for (const $1 of $2.$3) $4.push($1);",
  "  // $1 $2 $3",
  "  throw new Error(`$1 $2: ${$3}`);",
  "  return { $1, $2: $3.$4, limit: #1 };",
  "}",
  "",
  "const $1 = new Map<string, $2>(); // E#2_$3",
  'describe("$1 $2", () => expect($3($4)).toBe(#1));',
] as const;

function codeLine(random: Random, name: () => string): string {
  return random
    .pick(LINES)
    .replaceAll(/[$#]\d/g, (mark) => (mark.startsWith("#") ? String(random.integer(9000)) : name()));
}

/** `cacheWriter`, or a word alone. */
function nameOf({ random, word }: Pen): string {
  const first = word();
  if (random.chance(0.5)) return first;
  const second = word();
  return `${first}${second.charAt(0).toUpperCase()}${second.slice(1)}`;
}

/** Ranks in a fixed, shuffled order, each as often as Zipf's law says, and at least once where there is room. */
function zipfTable(ranks: number): Uint16Array {
  const weights = Array.from({ length: ranks }, (_, rank) => 1 / (rank + 1) ** ZIPF);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const table = new Uint16Array(TABLE);
  let [rank, reached] = [0, 0];
  for (let place = 0; place < TABLE; place += 1) {
    while (rank < ranks - 1 && reached + (weights[rank] ?? 0) / total < (place + 0.5) / TABLE) {
      reached += (weights[rank] ?? 0) / total;
      rank += 1;
    }
    table[place] = rank;
  }
  return table;
}
