import { ClientReports } from "./client-reports.ts";
import { exposition, type Family } from "./exposition.ts";
import { countFlushes } from "./flushes.ts";
import { gauges } from "./instruments.ts";
import { ProcessMetrics } from "./process-metrics.ts";
import { RequestMetrics } from "./request-metrics.ts";
import { WorkMetrics } from "./work-metrics.ts";

/**
 * Everything a server counts, from its start to its end. No label holds a workspace, a path, a query or a token; values
 * come from outside only for `machine` and the version of its client.
 */
export class Metrics implements Disposable {
  readonly requests = new RequestMetrics();
  readonly work = new WorkMetrics();
  readonly clients = new ClientReports();
  readonly #usage = new ProcessMetrics();
  readonly #flushes = countFlushes(this.work);
  readonly #version: string;

  constructor(version: string) {
    this.#version = version;
  }

  /** All of it as text, and what else is known now. */
  text(gaugesNow: readonly Family[]): string {
    const labels = { version: this.#version };
    return exposition([
      gauges("federated_memory_build_info", "Always 1: the version of the server.", [{ labels, value: 1 }]),
      ...this.requests.families(),
      ...this.work.families(),
      ...gaugesNow,
      ...this.clients.families(),
      ...this.#usage.families(),
    ]);
  }

  [Symbol.dispose](): void {
    this.#flushes[Symbol.dispose]();
    this.#usage[Symbol.dispose]();
  }
}
