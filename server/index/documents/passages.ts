import { LIMITS } from "../../../contract/limits.ts";
import { linesOf } from "../../sessions/line-blocks.ts";
import { timeOfLine, turnsOfLine, type SearchedTurn } from "../../sessions/line-turns.ts";
import { fold } from "../text/fold.ts";
import type { GramCollector } from "../text/grams.ts";
import { roleBit, USER_MARK } from "../database/schema.ts";
import { termsOf } from "../text/terms.ts";

/** Some consecutive lines of one chunk as the index takes them. */
export interface Passage {
  /** The first and the last line that hold turns. */
  firstLine: number;
  lastLine: number;
  /** Bit n for `TURN_ROLES[n]`. */
  roles: number;
  /** Undefined when one of the lines does not say when it was written. */
  times: { firstMs: number; lastMs: number } | undefined;
  /** Each once. */
  terms: string;
  grams: string;
}

/** The passages of a chunk, up to `lastLine`. Lines that hold no turns are in none. */
export function* passagesOf(
  chunk: { firstLine: number; data: Buffer },
  lastLine: number,
  grams: GramCollector,
): Generator<Passage> {
  let gathered: Gathered | undefined;
  for (const { line, data } of linesOf(chunk)) {
    if (line > lastLine) break;
    const text = data.toString("utf8");
    const turns = turnsOfLine(text);
    if (turns.length === 0) continue;
    gathered ??= new Gathered(line, grams);
    gathered.add(line, turns, timeOfLine(text));
    if (gathered.chars < LIMITS.index.passageChars) continue;
    yield gathered.passage();
    gathered = undefined;
  }
  if (gathered !== undefined) yield gathered.passage();
}

/** A passage in the making. */
class Gathered {
  chars = 0;
  readonly #firstLine: number;
  readonly #grams: GramCollector;
  readonly #terms = new Set<string>();
  #times: Passage["times"] = { firstMs: Infinity, lastMs: -Infinity };
  #lastLine: number;
  #roles = 0;

  constructor(firstLine: number, grams: GramCollector) {
    this.#firstLine = firstLine;
    this.#lastLine = firstLine;
    this.#grams = grams;
  }

  add(line: number, turns: readonly SearchedTurn[], timeMs: number | undefined): void {
    this.#lastLine = line;
    this.#times = spanOf(this.#times, timeMs);
    for (const turn of turns) this.#addTurn(turn);
  }

  passage(): Passage {
    return {
      firstLine: this.#firstLine,
      lastLine: this.#lastLine,
      roles: this.#roles,
      times: this.#times,
      terms: [...this.#terms].join(" "),
      grams: this.#grams.take(),
    };
  }

  #addTurn({ role, text }: SearchedTurn): void {
    this.chars += text.length;
    this.#roles |= roleBit(role);
    this.#grams.add(fold(text));
    for (const term of termsOf(text)) {
      this.#terms.add(term);
      if (role === "user") this.#terms.add(`${USER_MARK}${term}`);
    }
  }
}

function spanOf(times: Passage["times"], timeMs: number | undefined): Passage["times"] {
  if (times === undefined || timeMs === undefined) return undefined;
  return { firstMs: Math.min(times.firstMs, timeMs), lastMs: Math.max(times.lastMs, timeMs) };
}
