import { Worker } from "node:worker_threads";
import { threadEnvironment } from "./compile-cache.ts";

const MIB = 1024 * 1024;

interface ThreadOptions {
  workerData: object;
  /** What it may hold in memory; when that does not suffice it dies, with an error. */
  heapBytes: number;
  /** Of that, for what is made and soon forgotten: so much stays taken. */
  youngBytes: number;
}

/** Starts a thread that sees nothing of the server's environment and options. */
export function startThread(file: URL, { workerData, heapBytes, youngBytes }: ThreadOptions): Worker {
  return new Worker(file, {
    workerData,
    env: threadEnvironment(),
    execArgv: [],
    resourceLimits: {
      maxOldGenerationSizeMb: heapBytes / MIB,
      maxYoungGenerationSizeMb: youngBytes / MIB,
    },
  });
}
