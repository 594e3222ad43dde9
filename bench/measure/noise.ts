import { loadavg } from "node:os";
import { quantile } from "./statistics.ts";

/** How far the machine could be trusted while something was measured. */
export interface Noise {
  /** How much longer the same fixed work took in its slowest tenth than in its median: 1 on a quiet machine. */
  spread: number;
  /** Processes that wanted to run, over the last minute. */
  load: number;
}

/** Work that takes a few milliseconds and touches nothing but a register. */
const STEPS = 4_000_000;

/**
 * Watches the machine: `sample` does the same fixed work every time, so whatever changes its time comes from outside
 * and is in the measurements too.
 */
export class NoiseMeter {
  readonly #samples: number[] = [];

  sample(): void {
    const started = performance.now();
    spin();
    this.#samples.push(performance.now() - started);
  }

  /** Throws RangeError before the first sample. */
  read(): Noise {
    const sorted = this.#samples.toSorted((a, b) => a - b);
    if (sorted.length === 0) throw new RangeError("the noise was not sampled");
    return { spread: quantile(sorted, 0.9) / quantile(sorted, 0.5), load: loadavg()[0] ?? Number.NaN };
  }
}

function spin(): void {
  let state = 1;
  for (let step = 0; step < STEPS; step += 1) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  // Read, so that no compiler leaves the loop out.
  if (state === 0.5) throw new Error("a whole number is no half");
}
