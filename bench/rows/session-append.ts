import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Row } from "../bench.ts";
import { generatedSession } from "../generate/transcript.ts";
import { Writers } from "../generate/writer.ts";
import { counted, findingOf } from "../measure/finding.ts";
import { interleave, type Trial } from "../measure/interleave.ts";
import { HttpClient } from "../programs/http-client.ts";
import { MemoryServer } from "../programs/memory-server.ts";
import { plainBody, tailBody, unlikeOthers, upload, uploadBody } from "../programs/upload.ts";

const TIME = { timesBaseline: 0.1 };
const BYTES = { timesBaseline: 0.02 };
const INDEX = 1_000_100;
const LINE_FEED = 0x0a;
/** Information: it is not what the gate was meant for, since the server does not deflate then. */
const IN_CHUNKS = "for comparison: the whole of it, as memory-sync sends it";
/** Of the session that is there already. */
const STORED_SHARE = 0.99;

/** A long session grew by a hundredth: only that is sent, and only the end of the archive is made anew. */
export const sessionAppend: Row = {
  name: "session-append",
  title: "Appending 1 % to a long session",
  baseline: "uploading the whole of it, compressed as any program does",
  remark:
    "The archive is written anew, for nothing is changed in place: the old chunks are copied as they are, only the last one is deflated again, and then file and folder are synced. The facts of the whole session are made from kept ones and the tail. What is left grows with the compressed size, not with the raw one.",
  async run(bench) {
    await bench.quiet();
    await using folder = await bench.scratch();
    await using server = await MemoryServer.start(join(folder.path, "root"));
    const { id, headers } = await server.register({ machine: "bench", tool: "codex", project: "append" });
    using client = new HttpClient(server.url, headers);
    const { raw } = generatedSession(INDEX, new Writers(), bench.sizes.growingBytes);
    const transfers = new Transfers(client, `/api/v1/workspaces/${id}/sessions`, raw);
    const turns = { rounds: bench.sizes.rounds.slow, warmUp: 1 };
    const ours = { time: transfers.append, [IN_CHUNKS]: transfers.inChunks };
    const comparisons = await interleave(ours, transfers.whole, turns);
    return [
      ...comparisons.map((each) => findingOf(each, "ms", each.label === IN_CHUNKS ? undefined : TIME)),
      counted("bytes sent", "bytes", {
        ours: transfers.sentBytes.append,
        baseline: transfers.sentBytes.whole,
        gate: BYTES,
      }),
    ];
  },
};

/** The two ways to bring the same session to the server. */
class Transfers {
  /** By the last transfer of each kind, heads included. */
  readonly sentBytes = { append: 0, whole: 0 };
  readonly #client: HttpClient;
  readonly #sessions: string;
  readonly #raw: Buffer;

  constructor(client: HttpClient, sessions: string, raw: Buffer) {
    this.#client = client;
    this.#sessions = sessions;
    this.#raw = raw;
  }

  /** The beginning is stored before the clock runs. */
  readonly append: Trial = async () => {
    const { path, raw } = this.#session();
    const offset = raw.indexOf(LINE_FEED, Math.floor(raw.length * STORED_SHARE)) + 1;
    await upload(this.#client, path, await uploadBody(raw.subarray(0, offset)));
    const tail = await tailBody(raw, offset);
    const started = performance.now();
    const { sentBytes } = await upload(this.#client, path, tail);
    this.sentBytes.append = sentBytes;
    return performance.now() - started;
  };

  readonly whole: Trial = async () => {
    const { path, raw } = this.#session();
    const body = plainBody(raw, "gzip");
    const started = performance.now();
    const { sentBytes } = await upload(this.#client, path, body);
    this.sentBytes.whole = sentBytes;
    return performance.now() - started;
  };

  readonly inChunks: Trial = async () => {
    const { path, raw } = this.#session();
    const body = await uploadBody(raw);
    const started = performance.now();
    await upload(this.#client, path, body);
    return performance.now() - started;
  };

  #session(): { path: string; raw: Buffer } {
    const sessionId = randomUUID();
    return { path: `${this.#sessions}/${sessionId}`, raw: unlikeOthers(this.#raw, sessionId) };
  }
}
