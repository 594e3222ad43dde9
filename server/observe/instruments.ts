import { numberText, type Family, type Sample } from "./exposition.ts";

/**
 * Which of several values is meant. Only sets that are closed in the code may be values: a series is kept for each
 * combination, for ever.
 */
export type Labels = Readonly<Record<string, string>>;

interface Declaration<L extends Labels> {
  name: string;
  help: string;
  labels: readonly (keyof L & string)[];
  /** Combinations that are there before anything happened, so that the first time shows as a change from 0. */
  starts?: readonly L[];
}

/** A number that only grows, for each combination of its labels. */
export class Counter<L extends Labels> {
  readonly #declaration: Declaration<L>;
  readonly #series = new Map<string, Sample & { value: number }>();

  constructor(declaration: Declaration<L>) {
    this.#declaration = declaration;
    for (const labels of declaration.starts ?? []) this.add(labels, 0);
  }

  add(labels: L, amount = 1): void {
    const key = keyOf(this.#declaration.labels, labels);
    const sample = this.#series.get(key);
    if (sample === undefined) this.#series.set(key, { labels, value: amount });
    else sample.value += amount;
  }

  family(): Family {
    const { name, help } = this.#declaration;
    return { name, help, type: "counter", samples: [...this.#series.values()] };
  }
}

/** Upper bounds of the buckets of all times, in seconds. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

interface Distribution {
  labels: Labels;
  /** By bucket; what is above all bounds comes last. */
  counts: number[];
  sum: number;
}

/** How long something took: how often within which bounds, for each combination of its labels. */
export class Histogram<L extends Labels> {
  readonly #declaration: Declaration<L>;
  readonly #series = new Map<string, Distribution>();

  constructor(declaration: Declaration<L>) {
    this.#declaration = declaration;
    for (const labels of declaration.starts ?? []) this.#distribution(labels);
  }

  observe(labels: L, seconds: number): void {
    const distribution = this.#distribution(labels);
    const bucket = SECONDS.findIndex((bound) => seconds <= bound);
    const index = bucket === -1 ? SECONDS.length : bucket;
    distribution.counts[index] = (distribution.counts[index] ?? 0) + 1;
    distribution.sum += seconds;
  }

  family(): Family {
    const { name, help } = this.#declaration;
    return { name, help, type: "histogram", samples: [...this.#series.values()].flatMap(samplesOf) };
  }

  #distribution(labels: L): Distribution {
    const key = keyOf(this.#declaration.labels, labels);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const begun = { labels, counts: Array.from({ length: SECONDS.length + 1 }, () => 0), sum: 0 };
    this.#series.set(key, begun);
    return begun;
  }
}

/** Buckets hold what is within their bound, so each one what is in those before it too. */
function samplesOf({ labels, counts, sum }: Distribution): Sample[] {
  let count = 0;
  const buckets = [...SECONDS, Infinity].map((bound, index): Sample => {
    count += counts[index] ?? 0;
    return { suffix: "_bucket", labels: { ...labels, le: numberText(bound) }, value: count };
  });
  return [...buckets, { suffix: "_sum", labels, value: sum }, { suffix: "_count", labels, value: count }];
}

function keyOf<L extends Labels>(names: readonly (keyof L & string)[], labels: L): string {
  return names.map((name) => labels[name]).join("\0");
}

/** A value that goes up and down, as it is now; undefined when nobody knows it. */
export function gauge(name: string, help: string, value: number | undefined): Family {
  return gauges(name, help, value === undefined ? [] : [{ labels: {}, value }]);
}

/** The same, for each of several things. */
export function gauges(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: "gauge", samples };
}
