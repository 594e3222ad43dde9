import { LIMITS } from "../../../contract/limits.ts";
import type { Figures } from "../../index/lookup/terms.ts";
import { comparePlaces } from "../../index/order.ts";
import { NOTHING, type Candidates } from "./candidates.ts";
import { takes, type Indexed } from "./indexed.ts";
import type { Position } from "./position.ts";
import { targetsFrom, type Target } from "./target.ts";

interface SupplyParts<T extends Target> {
  /** Undefined when the index cannot help or there is none. */
  indexed: Pick<Indexed<T>, "newest" | "best"> | undefined;
  /** What has to be read whatever the index says, or everything there is. */
  read: (what: "rest" | "everything") => Promise<Candidates<T>>;
  signal: AbortSignal;
}

/** What is read for the first pages of a ranked answer. */
interface Tier<T extends Target> {
  targets: T[];
  /** How rare the words are, if the index knows it. */
  figures: Figures | undefined;
}

/**
 * Gives a search the documents to read: those that the index names and those that it does not hold, in one order, few at
 * a time. When the index does not answer, not even in the middle, everything is read.
 */
export class Supply<T extends Target> {
  /** Documents that the index answered for. */
  indexedDocuments = 0;
  /** Documents that are known to be worth reading and were not given yet. */
  left = 0;
  readonly #parts: SupplyParts<T>;
  #read: Candidates<T> = NOTHING;

  constructor(parts: SupplyParts<T>) {
    this.#parts = parts;
  }

  /** What came of looking for what the index does not hold. */
  get read(): Candidates<T> {
    return this.#read;
  }

  /** Documents newest first, from the position on. */
  async *newest(position: Position | undefined): AsyncGenerator<readonly T[]> {
    const { indexed } = this.#parts;
    let from: Position | undefined = position;
    let answer = await indexed?.newest(from, takes(0));
    this.indexedDocuments = answer?.documents ?? 0;
    let waiting = targetsFrom(await this.#readFor(answer), position);
    for (let round = 1; answer !== undefined; round += 1) {
      const { found, next, candidates } = answer;
      const now = waiting.filter((target) => next === undefined || comparePlaces(target, next) < 0);
      waiting = waiting.slice(now.length);
      this.left = next === undefined ? 0 : waiting.length + candidates - found.length;
      yield targetsFrom([...found, ...now], position);
      if (next === undefined || this.#parts.signal.aborted) return;
      from = { ...next, line: 0 };
      answer = await indexed?.newest(next, takes(round));
      // It went away on the way.
      if (answer === undefined) waiting = targetsFrom(await this.#readFor(undefined), from);
    }
    this.left = 0;
    yield waiting;
  }

  /**
   * What is read for the first pages of a ranked answer, and what then for each of the next; the tiers never mix, so
   * that an answer is the same however far it is read. Each is as large as all before it.
   */
  async *tiers(): AsyncGenerator<Tier<T>> {
    const { bestCandidates, mostCandidates } = LIMITS.search;
    const { indexed } = this.#parts;
    let answer = await indexed?.best({ skip: 0, take: bestCandidates });
    let others = await this.#readFor(answer);
    this.indexedDocuments = answer?.documents ?? 0;
    const candidates = answer?.candidates ?? 0;
    const figures = answer?.figures;
    let given = 0;
    for (let skip = 0; skip < mostCandidates;) {
      const found = answer?.found ?? [];
      given += found.length;
      this.left = answer?.more === true ? Math.max(0, candidates - given) : 0;
      yield { targets: targetsFrom([...found, ...others], undefined), figures };
      if (answer?.more !== true) return;
      others = [];
      skip = skip === 0 ? bestCandidates : 2 * skip;
      if (skip < mostCandidates) answer = await indexed?.best({ skip, take: skip });
    }
  }

  async #readFor(answer: object | undefined): Promise<readonly T[]> {
    this.#read = await this.#parts.read(answer === undefined ? "everything" : "rest");
    return this.#read.targets;
  }
}
