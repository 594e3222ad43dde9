import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSocketServer, type Socket } from "node:net";
import { listenOnLoopback } from "./fake-model/loopback.ts";

/** One request as the API got it. */
export interface Seen {
  method: string;
  url: string;
  /** Names and values by turns, as they came. */
  rawHeaders: string[];
  headers: IncomingMessage["headers"];
  body: Buffer;
}

/** Stands for the Messages API: keeps what it gets, and answers as a test says. */
export class FakeUpstream implements AsyncDisposable {
  readonly url: string;
  readonly seen: Seen[] = [];
  readonly #close: () => Promise<void>;

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.#close = close;
  }

  /** `answer` is asked once the body is whole. */
  static async start(
    answer: (seen: Seen, response: ServerResponse) => void | Promise<void>,
  ): Promise<FakeUpstream> {
    const server = createServer((request, response) => {
      // A proxy that goes away in the middle is what some tests are about.
      void serve(request, response).catch(() => response.destroy());
    });
    const { url, close } = await listenOnLoopback(server);
    const upstream = new FakeUpstream(url, close);
    return upstream;

    async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const body = Buffer.concat(await request.toArray());
      const { method = "", url: target = "", rawHeaders, headers } = request;
      const seen = { method, url: target, rawHeaders, headers, body };
      upstream.seen.push(seen);
      await answer(seen, response);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}

/** An API that answers everything in one way. */
export function upstreamOf(
  body: string | Buffer = "{}",
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string | string[]> } = {},
): Promise<FakeUpstream> {
  return FakeUpstream.start((_, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
  });
}

/** Plays raw bytes on each connection, so that answers can be wrong in every way. */
export async function rawUpstream(
  play: (socket: Socket, count: number) => void | Promise<void>,
): Promise<{ url: string; connections: Socket[] } & AsyncDisposable> {
  const connections: Socket[] = [];
  const server = createSocketServer((socket) => {
    connections.push(socket);
    socket.on("error", () => undefined);
    void play(socket, connections.length);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    connections,
    async [Symbol.asyncDispose]() {
      for (const socket of connections) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
