import { LINE_FEED } from "../../storage/line-feeds.ts";

/** Characters that no gram holds: they divide a text. */
// oxlint-disable-next-line no-control-regex -- control characters are what this looks for
const DIVIDERS = /[\u0000-\u001f\u007f]+/;
const LONE_SURROGATE = /\p{Surrogate}/gu;
const SURROGATE = /[\ud800-\udfff]/;
const NOT_ASCII = /[\u0080-\uffff]/;
const GRAM_CHARACTERS = 3;
/** Keys of three ASCII characters: seven bits each. */
const KEYS = 2 ** 21;

/**
 * Gathers the grams of folded text, each once: at every character it and the two after it, fewer before a divider or the
 * end. So every text of up to three characters that occurs is a gram or the beginning of one. `take` gives them as the
 * `grams` tables store them, one per line, and begins anew.
 */
export class GramCollector {
  readonly #seen = new Uint8Array(KEYS);
  #keys: number[] = [];
  #others = new Set<string>();

  add(folded: string): void {
    for (const run of runsOf(folded))
      if (NOT_ASCII.test(run)) this.#addAny(run);
      else this.#addAscii(run);
  }

  take(): string {
    const others = [...this.#others].join("\n");
    const ascii = asciiText(this.#keys);
    for (const key of this.#keys) this.#seen[key] = 0;
    this.#keys = [];
    this.#others = new Set();
    return `${ascii}${others}`;
  }

  #addAscii(run: string): void {
    let [first, second] = [run.charCodeAt(0), 0];
    for (let index = 1; index <= run.length; index += 1) {
      second = index < run.length ? run.charCodeAt(index) : 0;
      const third = index + 1 < run.length ? run.charCodeAt(index + 1) : 0;
      this.#mark((first << 14) | (second << 7) | third);
      first = second;
    }
  }

  #mark(key: number): void {
    if (this.#seen[key] === 1) return;
    this.#seen[key] = 1;
    this.#keys.push(key);
  }

  #addAny(run: string): void {
    if (SURROGATE.test(run)) for (const gram of gramsOfRun(run)) this.#others.add(gram);
    // Every unit is a character: this takes a fifth of the time.
    else
      for (let index = 0; index < run.length; index += 1)
        this.#others.add(run.slice(index, index + GRAM_CHARACTERS));
  }
}

/**
 * What must be in the `grams` of a text that holds the folded text `needle`, as terms of an FTS5 query, each once and
 * harmless whatever the needle holds; none when it is made of dividers only.
 */
export function gramTerms(needle: string): string[] {
  const terms = runsOf(needle).flatMap((run) => {
    const points = Array.from(run);
    if (points.length < GRAM_CHARACTERS) return [`${quoted(run)}*`];
    return gramsOfRun(run)
      .slice(0, points.length - GRAM_CHARACTERS + 1)
      .map(quoted);
  });
  return [...new Set(terms)];
}

/** Half of a character is none: nobody can look for it. */
function runsOf(folded: string): string[] {
  const whole = folded.isWellFormed() ? folded : folded.replaceAll(LONE_SURROGATE, "\n");
  return whole.split(DIVIDERS).filter((run) => run !== "");
}

function gramsOfRun(run: string): string[] {
  const points = Array.from(run);
  return points.map((point, index) => `${point}${points[index + 1] ?? ""}${points[index + 2] ?? ""}`);
}

/** The grams that the keys stand for, each with a line feed. */
function asciiText(keys: readonly number[]): string {
  const bytes = Buffer.alloc(keys.length * (GRAM_CHARACTERS + 1));
  let length = 0;
  for (const key of keys) {
    for (const code of [key >>> 14, (key >>> 7) & 0x7f, key & 0x7f]) if (code !== 0) bytes[length++] = code;
    bytes[length++] = LINE_FEED;
  }
  return bytes.toString("latin1", 0, length);
}

/** As FTS5 takes a text literally. */
export function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
