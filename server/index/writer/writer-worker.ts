import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import * as z from "zod";
import { IndexWriter } from "./index-writer.ts";
import type { FromWriter, ToWriter } from "../messages.ts";

const Given = z.object({ root: z.string(), cell: z.instanceof(SharedArrayBuffer) });

/** Who answers people goes first. */
const PRIORITY = 5;

/** Linux has a priority for each thread; elsewhere it would be the whole server's. */
function giveWay(): void {
  if (process.platform !== "linux") return;
  // `<process>/task/<thread>`
  const thread = Number(readlinkSync("/proc/thread-self").split("/").at(-1));
  setPriority(thread, PRIORITY);
}

/** The thread's end of `WriterThread`. */
if (parentPort !== null) {
  const port = parentPort;
  const { root, cell } = Given.parse(workerData);
  const say = (message: FromWriter) => port.postMessage(message);
  const writer = new IndexWriter({ root, say, cell: new Int32Array(cell) });
  port.on("message", (message: ToWriter) => writer.receive(message));
  giveWay();
  await writer.run();
  port.close();
}
