import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { LIMITS } from "../../../contract/limits.ts";
import type { FromWorker, Job, Part, ToWorker } from "../scan/job.ts";
import { given } from "../../threads/given.ts";
import { giveWay } from "../../threads/priority.ts";
import { IndexReader } from "../../index/lookup/reader.ts";
import { doJob, type Means } from "./do-job.ts";

/** The thread's end of `WorkerPool`: one job at a time, parts sent as they come, a few ahead of who takes them. */
class ScanWorker {
  readonly #means: Means;
  readonly #port: MessagePort;
  #untaken = 0;
  #wake = () => {};

  constructor(root: string, port: MessagePort) {
    this.#means = { root, index: new IndexReader(root) };
    this.#port = port;
  }

  listen(): void {
    this.#port.on("message", (message: ToWorker) => {
      if (message.type === "start") void this.#work(message.job, new Int32Array(message.stop));
      else this.#taken();
    });
    this.#send({ type: "ready" });
    this.#means.index.open();
  }

  #taken(): void {
    this.#untaken -= 1;
    this.#wake();
  }

  async #work(job: Job, stop: Int32Array): Promise<void> {
    this.#untaken = 0;
    const stopped = () => Atomics.load(stop, 0) === 1;
    try {
      await this.#sendAll(doJob(this.#means, job, stopped), stopped);
    } catch (error) {
      this.#send({ type: "failed", error: error instanceof Error ? error : new Error(String(error)) });
    }
  }

  async #sendAll(parts: AsyncIterable<Part>, stopped: () => boolean): Promise<void> {
    let together: Part[] = [];
    let textBytes = 0;
    for await (const part of parts) {
      together.push(part);
      if (part.type === "text") textBytes += part.text.byteLength;
      if (together.length < LIMITS.search.messageParts && textBytes < LIMITS.search.messageBytes) continue;
      this.#untaken += 1;
      this.#sendParts("parts", together);
      together = [];
      textBytes = 0;
      await this.#room(stopped);
    }
    this.#sendParts("end", together);
  }

  async #room(stopped: () => boolean): Promise<void> {
    while (this.#untaken >= LIMITS.search.messagesAhead && !stopped()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  /** Texts change hands instead of being copied. */
  #sendParts(type: "parts" | "end", parts: Part[]): void {
    this.#send(
      { type, parts },
      parts.flatMap((part) => (part.type === "text" ? [part.text.buffer] : [])),
    );
  }

  #send(message: FromWorker, handedOver: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, handedOver);
  }
}

if (parentPort !== null) {
  giveWay("searching");
  const { root } = given(workerData);
  new ScanWorker(root, parentPort).listen();
}
