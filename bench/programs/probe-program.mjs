import { monitorEventLoopDelay } from "node:perf_hooks";
import process from "node:process";
import { isMainThread } from "node:worker_threads";

/**
 * Loaded into a measured program with `--import`, before its own code: tells the process that started it what it uses, when
 * it is asked. It does nothing until then, and nothing in worker threads. Without types, for to strip them takes memory that
 * would count as the program's.
 */
const TICK_MS = 1;
const delay = monitorEventLoopDelay({ resolution: TICK_MS });

function answerTo(question) {
  switch (question) {
    case "usage": {
      const { user, system } = process.cpuUsage();
      return { cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss() };
    }
    case "watch-loop":
      delay.reset();
      delay.enable();
      return {};
    case "loop-delay":
      delay.disable();
      return { p50Ms: delay.percentile(50) / 1e6, p99Ms: delay.percentile(99) / 1e6, maxMs: delay.max / 1e6 };
    default:
      return {};
  }
}

if (isMainThread && process.send !== undefined) {
  process.on("message", (question) => process.send?.(answerTo(question)));
  // Whoever is interrupted while measuring leaves no server behind.
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  // The program ends when it would end without this.
  process.channel?.unref();
}
