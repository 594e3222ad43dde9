import type { ExplainLeg, SearchExplain } from "../../../contract/search.ts";

/**
 * Notes what one search does, for who asked to have it explained. It goes along with the search's budget; every step
 * begins a leg, also a step that reads an index. Cheap enough to be kept for every search.
 */
export class Trace {
  /** How the documents that the filters let through were dealt with. */
  readonly documents = { indexed: 0, scanned: 0, skipped: 0 };
  readonly #startMs = performance.now();
  readonly #legs: Leg[] = [];

  /** Begins a step. `using` ends it, however the step ends. */
  leg(name: string): Leg {
    const leg = new Leg(name);
    this.#legs.push(leg);
    return leg;
  }

  /** What happened so far, with what else belongs into the explanation. */
  explain(more: Pick<SearchExplain, "query" | "not_searched">): SearchExplain {
    const legs = this.#legs.map((leg) => leg.told());
    return {
      query: more.query,
      legs,
      documents: this.documents,
      not_searched: more.not_searched,
      ms: since(this.#startMs),
    };
  }
}

/** One step of a search. Count what it leaves for the next one. */
export class Leg implements Disposable {
  candidates = 0;
  /** What else is worth knowing of it. */
  note: string | undefined;
  readonly #name: string;
  readonly #startMs = performance.now();
  #ms: number | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  told(): ExplainLeg {
    const { candidates, note } = this;
    const ms = this.#ms ?? since(this.#startMs);
    return { name: this.#name, candidates, ms, ...(note !== undefined && { note }) };
  }

  [Symbol.dispose](): void {
    this.#ms ??= since(this.#startMs);
  }
}

/** Milliseconds from then to now, to a tenth. */
function since(startMs: number): number {
  return Math.round((performance.now() - startMs) * 10) / 10;
}
