import { LIMITS } from "../../contract/limits.ts";
import type { Family, Sample } from "./exposition.ts";
import { gauges } from "./instruments.ts";

/** What a machine says of its outbox when it feeds the server. */
export interface ClientReport {
  /** The slug of its name; whoever reports it may write for it. */
  machine: string;
  version: string;
  /** Jobs that failed and are tried again. */
  waiting: number;
  /** Jobs that wait for a person. */
  setAside: number;
  /** Of the oldest one that waits; 0 when none does. */
  oldestSeconds: number;
}

/** The last report of each machine; of the machines those that were heard last. Forgotten when the server ends. */
export class ClientReports {
  readonly #reports = new Map<string, ClientReport & { heardMs: number }>();

  heard(report: ClientReport): void {
    this.#reports.delete(report.machine);
    this.#reports.set(report.machine, { ...report, heardMs: Date.now() });
    const [oldest] = this.#reports.keys();
    if (this.#reports.size > LIMITS.metrics.machines && oldest !== undefined) this.#reports.delete(oldest);
  }

  families(): Family[] {
    const reports = [...this.#reports.values()];
    const each = (value: (report: (typeof reports)[number]) => number): Sample[] =>
      reports.map((report) => ({ labels: { machine: report.machine }, value: value(report) }));
    return [
      gauges(
        "federated_memory_client_info",
        "Always 1: the version of memory-sync that a machine runs, as it reported last.",
        reports.map(({ machine, version }) => ({ labels: { machine, version }, value: 1 })),
      ),
      gauges(
        "federated_memory_client_outbox_jobs",
        "Uploads that a machine could not do, as it reported last: tried again (waiting), or left to a person (set_aside).",
        reports.flatMap(({ machine, waiting, setAside }) => [
          { labels: { machine, state: "waiting" }, value: waiting },
          { labels: { machine, state: "set_aside" }, value: setAside },
        ]),
      ),
      gauges(
        "federated_memory_client_outbox_oldest_seconds",
        "Age of the oldest upload that a machine tries again, when it reported last.",
        each(({ oldestSeconds }) => oldestSeconds),
      ),
      gauges(
        "federated_memory_client_seen_timestamp_seconds",
        "When a machine reported last: when it had something to send, not whenever it ran.",
        each(({ heardMs }) => heardMs / 1000),
      ),
    ];
  }
}
