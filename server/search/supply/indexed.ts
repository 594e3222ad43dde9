import { LIMITS } from "../../../contract/limits.ts";
import type { Newest } from "../../index/lookup/newest.ts";
import type { Best } from "../../index/lookup/best.ts";
import type { Place } from "../../index/order.ts";
import type { IndexKind } from "../../index/database/places.ts";
import type { IndexHolder } from "./index-holder.ts";
import type { AskTask, LiteralTask, Part } from "../scan/job.ts";
import type { IndexQuery } from "../query/index-query.ts";
import type { Filter } from "../query/filter.ts";
import type { Target } from "./target.ts";
import type { Trace } from "../course/trace.ts";
import { inOrder, type WorkerPool } from "../pool/worker-pool.ts";

/** What of one kind of documents a search may ask the index for. */
export interface IndexedPart<T extends Target> {
  of: IndexKind;
  query: IndexQuery;
  /** Workspaces that the index can speak for. */
  workspaces: readonly string[];
  /** The documents an answer names, without those that the index does not hold as they are now. Undefined for an answer of another index. */
  targetsIn: (part: Part) => T[] | undefined;
  /** How many documents it can speak for, where it holds others too. */
  documents?: number;
  /** What the first documents are read for when the index names them. */
  read?: LiteralTask | undefined;
  /** Is told when the index turns out to be damaged. */
  index: Pick<IndexHolder, "damaged">;
}

/** What it takes to ask. */
interface Means {
  pool: WorkerPool;
  filter: Filter;
  signal: AbortSignal;
  trace: Trace;
}

/** Asks the index, which a worker does. An answer is undefined when there is none: then everything has to be read. */
export class Indexed<T extends Target> {
  readonly #part: IndexedPart<T>;
  readonly #means: Means;
  #isAsked = false;

  constructor(part: IndexedPart<T>, means: Means) {
    this.#part = part;
    this.#means = means;
  }

  /** The newest documents in which something may be found, from a place on. */
  async newest(from: Place | undefined, take: number): Promise<Newest<T> | undefined> {
    const { query } = this.#part;
    if (query.kind !== "newest") return undefined;
    // What the first ones do not suffice for is read by all threads together.
    const read = this.#isAsked ? undefined : this.#part.read;
    this.#isAsked = true;
    // Only those that are read are named.
    const most = read === undefined ? take : takes(1);
    const ask = { query: query.query, among: this.#among(), from, take: most };
    const found = await this.#ask({ kind: "newest", ask, read });
    return found !== undefined && "next" in found ? found : undefined;
  }

  /** The documents that fit best, without the first ones. */
  async best({ skip, take }: { skip: number; take: number }): Promise<Best<T> | undefined> {
    const { query } = this.#part;
    if (query.kind !== "best") return undefined;
    const { terms, also } = query;
    const found = await this.#ask({ kind: "best", ask: { terms, also, among: this.#among(), skip, take } });
    return found !== undefined && "figures" in found ? found : undefined;
  }

  #among() {
    const { afterMs, beforeMs } = this.#means.filter;
    return { workspaces: this.#part.workspaces, afterMs, beforeMs };
  }

  async #ask(task: AskTask): Promise<Newest<T> | Best<T> | undefined> {
    const { pool, filter, signal, trace } = this.#means;
    using leg = trace.leg(legName(task));
    const job = { task, filter, sources: [{ kind: "index" as const, of: this.#part.of }] };
    let answer: Newest<T> | Best<T> | undefined;
    for await (const { parts } of inOrder(pool, [job], signal))
      for (const part of parts) {
        answer = this.#answerIn(part);
        leg.note = noteOn(part);
        if (part.type === "noIndex" && part.isDamaged) this.#part.index.damaged(this.#part.of);
      }
    leg.candidates = answer?.found.length ?? 0;
    return answer;
  }

  #answerIn(part: Part): Newest<T> | Best<T> | undefined {
    if (part.type !== "foundFiles" && part.type !== "foundArchives") return undefined;
    const found = this.#part.targetsIn(part);
    if (found === undefined) return undefined;
    const { answer } = part.found;
    return { ...answer, found, documents: this.#part.documents ?? answer.documents };
  }
}

function noteOn(part: Part): string | undefined {
  if (part.type === "noIndex") return part.reason;
  if (part.type !== "foundFiles" && part.type !== "foundArchives") return undefined;
  return `of ${part.found.answer.candidates}`;
}

function legName({ kind, ask }: AskTask): string {
  if (kind === "best") return "words";
  return Object.entries({ grams: ask.query.grams, words: ask.query.words })
    .flatMap(([name, expression]) => (expression === undefined ? [] : [name]))
    .join(" and ");
}

/** How many documents a search for lines asks for: few at first, for few are mostly enough, and never a large message. */
export function takes(round: number): number {
  return LIMITS.search.firstCandidates * Math.min(4 ** round, 16);
}
