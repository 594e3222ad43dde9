import { parentPort, workerData } from "node:worker_threads";
import { given } from "../../threads/given.ts";
import { giveWay } from "../../threads/priority.ts";
import { IndexWriter } from "./index-writer.ts";
import type { FromWriter, ToWriter } from "../messages.ts";

/** The thread's end of `WriterThread`. */
if (parentPort !== null) {
  const port = parentPort;
  const { root, cell } = given(workerData);
  if (!(cell instanceof SharedArrayBuffer)) throw new TypeError("the thread was started without a cell");
  const say = (message: FromWriter) => port.postMessage(message);
  const writer = new IndexWriter({ root, say, cell: new Int32Array(cell) });
  port.on("message", (message: ToWriter) => writer.receive(message));
  giveWay("indexing");
  await writer.run();
  port.close();
}
