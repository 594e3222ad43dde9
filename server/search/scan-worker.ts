import { parentPort, workerData } from "node:worker_threads";
import type { FromWorker, Job, Part, ToWorker } from "./job.ts";
import { runJob } from "./run-job.ts";

/** The thread's end of `WorkerPool`: one job at a time, parts sent as they come, a few ahead of who takes them. */
const PARTS_AHEAD = 4;
const PARTS_TOGETHER = 64;
const TEXT_TOGETHER_BYTES = 1024 * 1024;

const port = parentPort;
if (port === null) throw new Error("this file runs as a worker thread");
const root = rootOf(workerData);
let untaken = 0;
let wake = () => {};

port.on("message", (message: ToWorker) => {
  if (message.type === "start") void work(message.job, new Int32Array(message.stop));
  else {
    untaken -= 1;
    wake();
  }
});

async function work(job: Job, stop: Int32Array): Promise<void> {
  untaken = 0;
  const stopped = () => Atomics.load(stop, 0) === 1;
  try {
    await sendAll(runJob(root, job, stopped), stopped);
    send({ type: "end" });
  } catch (error) {
    send({ type: "failed", error: error instanceof Error ? error : new Error(String(error)) });
  }
}

async function sendAll(parts: AsyncIterable<Part>, stopped: () => boolean): Promise<void> {
  let together: Part[] = [];
  let textBytes = 0;
  for await (const part of parts) {
    together.push(part);
    if (part.type === "text") textBytes += part.text.byteLength;
    if (together.length < PARTS_TOGETHER && textBytes < TEXT_TOGETHER_BYTES) continue;
    send({ type: "parts", parts: together });
    together = [];
    textBytes = 0;
    while (untaken >= PARTS_AHEAD && !stopped()) await new Promise<void>((resolve) => (wake = resolve));
  }
  if (together.length > 0) send({ type: "parts", parts: together });
}

function send(message: FromWorker): void {
  const texts = message.type === "parts" ? message.parts.flatMap((part) => (part.type === "text" ? [part.text.buffer] : [])) : [];
  if (message.type === "parts") untaken += 1;
  port?.postMessage(message, texts);
}

function rootOf(data: unknown): string {
  if (typeof data === "object" && data !== null && "root" in data && typeof data.root === "string") return data.root;
  throw new Error("a scan worker needs the root of the memory");
}
