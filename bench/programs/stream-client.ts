import { Agent, request, type IncomingMessage } from "node:http";

/** When a streamed answer began and ended, from the start of its request, and its text. */
export interface Streamed {
  firstByteMs: number;
  wholeMs: number;
  bytes: Buffer;
}

/** Asks for streams over one connection that stays open, one at a time. */
export class StreamClient implements Disposable {
  readonly #url: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(url: string) {
    this.#url = new URL("/v1/messages", url);
  }

  /** Throws when the status is no success. */
  stream(body: Buffer, headers: Record<string, string>): Promise<Streamed> {
    const started = performance.now();
    return new Promise((resolve, reject) => {
      const options = {
        method: "POST",
        agent: this.#agent,
        headers: { ...headers, "content-type": "application/json", "content-length": body.length },
      };
      const sending = request(this.#url, options, (response) => {
        // Whatever goes wrong in it is this promise's.
        void read(response, started).then(resolve, reject);
      });
      sending.once("error", reject).end(body);
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

async function read(response: IncomingMessage, started: number): Promise<Streamed> {
  const chunks: Buffer[] = [];
  let firstByteMs = 0;
  for await (const chunk of response) {
    if (firstByteMs === 0) firstByteMs = performance.now() - started;
    chunks.push(chunk);
  }
  const wholeMs = performance.now() - started;
  if (response.statusCode !== 200) throw new Error(`the stream's status is ${response.statusCode}`);
  return { firstByteMs, wholeMs, bytes: Buffer.concat(chunks) };
}
