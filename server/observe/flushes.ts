import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { FLUSH_CHANNEL, isFlush } from "../../disk/sync.ts";
import type { WorkMetrics } from "./work-metrics.ts";

/** Counts every flush of this thread until it is disposed; threads of the search index flush for themselves. */
export function countFlushes(metrics: Pick<WorkMetrics, "flushed">): Disposable {
  const count = (message: unknown) => {
    if (isFlush(message)) metrics.flushed({ seconds: message.ms / 1000, isConfirmed: message.isConfirmed });
  };
  subscribe(FLUSH_CHANNEL, count);
  return { [Symbol.dispose]: () => void unsubscribe(FLUSH_CHANNEL, count) };
}
