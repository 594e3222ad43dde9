import { random, type Random } from "./random.ts";

/** Words that are hard to index: cased, joined, with signs, of several scripts. */
const WORDS =
  'the of retry Retry retries timeout TimeOut E1234_TIMEOUT writeToken write_token config.ts src/app.ts ſecret İstanbul \
   naïve NAÏVE Σίσυφος c++ C# 向量 数据库 向量数据库 部署 テスト 😀 👩‍💻 e\u0301 café ... --flag $(x) {} [a] 100% a"b a\\b fmwt_Zq3J8c0dWmB5xLr7TnVh2yKs9PfA1GeU'.split(
    /\s+/,
  );
const BETWEEN = [" ", " ", " ", ", ", "\t", "  ", "-", "", "\u00a0"];
const SIGNS = ["\\d+", "\\w*", ".", "[a-z]", "\\s", "(?:x)?", "\\b", ".*"];
/** Makes up texts, and questions about them. */
export class QuestionAuthor {
  readonly #chance: Random;

  constructor(seed: number) {
    this.#chance = random(seed);
  }

  text(words: number, breaks: readonly string[] = BETWEEN): string {
    return Array.from({ length: 1 + this.below(words) }, () => this.pick(WORDS) + this.pick(breaks)).join("");
  }

  /** Some of a text, now and then in another case. */
  piece(text: string): string {
    const characters = Array.from(text);
    const start = this.below(characters.length);
    const piece = characters.slice(start, start + 1 + this.below(30)).join("");
    return this.pick([piece, piece, piece.toUpperCase(), piece.toLowerCase()]);
  }

  /** An expression that may well match something in the text. */
  expression(text: string): string {
    const parts = Array.from({ length: 1 + this.below(3) }, () => this.#part(text));
    return `${this.pick(["", "", "(?i)"])}${parts.join(this.pick(["", ".*", "|"]))}`;
  }

  #part(text: string): string {
    const literal = this.piece(text).replaceAll(/[\\^$.*+?()[\]{}|\n\r]/g, "\\$&");
    return this.pick([literal, literal, `(?:${literal})${this.pick(["?", "+", "{1,2}"])}`, this.pick(SIGNS)]);
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[this.below(from.length)];
    if (picked === undefined) throw new Error("nothing to pick from");
    return picked;
  }

  below(limit: number): number {
    return this.#chance.integer(0, limit - 1);
  }
}
