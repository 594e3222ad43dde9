import { Agent, request, type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";

/** A request and its whole answer. */
export interface Exchange {
  status: number;
  body: Buffer;
  /** Bytes that went over the connection for it, heads included. */
  sentBytes: number;
}

export interface Asked {
  method?: string;
  /** Path with its query. */
  path: string;
  headers?: Record<string, string>;
  body?: Buffer;
}

/** HTTP over one connection that stays open, one request at a time, with as little of its own as there can be. */
export class HttpClient implements Disposable {
  readonly #url: string;
  readonly #headers: Record<string, string>;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(url: string, headers: Record<string, string>) {
    this.#url = url;
    this.#headers = headers;
  }

  /** Throws when the server's status is no success. */
  async send({ method = "GET", path, headers = {}, body }: Asked): Promise<Exchange> {
    const length = body === undefined ? {} : { "content-length": String(body.length) };
    const options = { method, agent: this.#agent, headers: { ...this.#headers, ...headers, ...length } };
    const { response, sentBytes } = await answered(new URL(path, this.#url), options, body);
    const exchange = {
      status: response.statusCode ?? 0,
      body: await buffer(response),
      sentBytes: sentBytes(),
    };
    if (exchange.status < 200 || exchange.status > 299)
      throw new Error(
        `${method} ${path}: ${exchange.status} ${exchange.body.toString("utf8").slice(0, 500)}`,
      );
    return exchange;
  }

  /** The JSON of a GET. */
  async json(path: string): Promise<unknown> {
    return JSON.parse((await this.send({ path })).body.toString("utf8"));
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

function answered(
  url: URL,
  options: { method: string; agent: Agent; headers: Record<string, string> },
  body: Buffer | undefined,
): Promise<{ response: IncomingMessage; sentBytes: () => number }> {
  return new Promise((resolve, reject) => {
    const sending = request(url, options, (response) => {
      const { socket } = response;
      resolve({ response, sentBytes: () => socket.bytesWritten - before });
    });
    let before = 0;
    sending.once("socket", (socket) => (before = socket.bytesWritten));
    sending.once("error", reject);
    sending.end(body);
  });
}
