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

  /** How long it has taken so far, as a whole and in each step. */
  get times(): { seconds: number; legs: { name: string; seconds: number }[] } {
    const seconds = (performance.now() - this.#startMs) / 1000;
    return { seconds, legs: this.#legs.map(({ name, seconds }) => ({ name, seconds })) };
  }

  /** Begins a step. `using` ends it, however the step ends. */
  leg(name: string): Leg {
    const leg = new Leg(name);
    this.#legs.push(leg);
    return leg;
  }

  /** What happened so far, each step where it ended, with what else belongs into the explanation. */
  explain(more: Pick<SearchExplain, "query" | "not_searched">): SearchExplain {
    const legs = this.#legs.toSorted(byEnd).map((leg) => leg.told());
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
  readonly name: string;
  readonly #startMs = performance.now();
  #endMs = Infinity;

  constructor(name: string) {
    this.name = name;
  }

  /** Infinity as long as it goes on. */
  get endMs(): number {
    return this.#endMs;
  }

  get seconds(): number {
    return (Math.min(this.#endMs, performance.now()) - this.#startMs) / 1000;
  }

  told(): ExplainLeg {
    const { candidates, note } = this;
    const ms = since(this.#startMs, this.#endMs);
    return { name: this.name, candidates, ms, ...(note !== undefined && { note }) };
  }

  [Symbol.dispose](): void {
    this.#endMs = Math.min(this.#endMs, performance.now());
  }
}

function byEnd(a: Leg, b: Leg): number {
  return a.endMs === b.endMs ? 0 : a.endMs - b.endMs;
}

/** Milliseconds from then to the end or now, to a tenth. */
function since(startMs: number, endMs = Infinity): number {
  return Math.round((Math.min(endMs, performance.now()) - startMs) * 10) / 10;
}
