import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Family } from "./exposition.ts";
import { gauge } from "./instruments.ts";

const RESOLUTION_MS = 20;
const NANOSECONDS = 1e9;
const QUANTILES = [0.5, 0.9, 0.99, 1] as const;

/** What the process uses, under the names that every Prometheus client gives them, and how late its one thread is. */
export class ProcessMetrics implements Disposable {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #sum = 0;
  #count = 0;

  [Symbol.dispose](): void {
    this.#delay.disable();
  }

  families(): Family[] {
    const { user, system } = process.cpuUsage();
    return [
      gauge("process_resident_memory_bytes", "Resident memory, of all threads.", process.memoryUsage.rss()),
      {
        name: "process_cpu_seconds_total",
        help: "Processor time, of all threads.",
        type: "counter",
        samples: [{ labels: {}, value: (user + system) / 1e6 }],
      },
      gauge("process_start_time_seconds", "When the process started.", performance.timeOrigin / 1000),
      this.#lag(),
    ];
  }

  /** Begins to measure when it is asked first: a server that nobody watches is not woken for it. */
  #lag(): Family {
    const { count, mean } = this.#delay;
    if (count > 0) {
      this.#sum += count * lateness(mean);
      this.#count += count;
    }
    const quantiles = QUANTILES.map((quantile) => ({
      labels: { quantile: String(quantile) },
      value: count === 0 ? NaN : lateness(this.#delay.percentile(quantile * 100)),
    }));
    this.#delay.reset();
    this.#delay.enable();
    return {
      name: "federated_memory_event_loop_lag_seconds",
      help: "How late the thread that answers came to a timer, since this was asked last.",
      type: "summary",
      samples: [
        ...quantiles,
        { suffix: "_sum", labels: {}, value: this.#sum },
        { suffix: "_count", labels: {}, value: this.#count },
      ],
    };
  }
}

/** Node measures from one tick of its timer to the next. */
function lateness(betweenNs: number): number {
  return Math.max(0, betweenNs / NANOSECONDS - RESOLUTION_MS / 1000);
}
