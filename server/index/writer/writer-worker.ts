import { parentPort, workerData } from "node:worker_threads";
import * as z from "zod";
import { giveWay } from "../../threads/priority.ts";
import { IndexWriter } from "./index-writer.ts";
import type { FromWriter, ToWriter } from "../messages.ts";

const Given = z.object({ root: z.string(), cell: z.instanceof(SharedArrayBuffer) });

/** The thread's end of `WriterThread`. */
if (parentPort !== null) {
  const port = parentPort;
  const { root, cell } = Given.parse(workerData);
  const say = (message: FromWriter) => port.postMessage(message);
  const writer = new IndexWriter({ root, say, cell: new Int32Array(cell) });
  port.on("message", (message: ToWriter) => writer.receive(message));
  giveWay("indexing");
  await writer.run();
  port.close();
}
