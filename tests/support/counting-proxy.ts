import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type Server } from "node:http";

/** One request as it went over the wire. */
export interface Passed {
  method: string;
  path: string;
  bodyBytes: number;
  status: number;
}

/** How the proxy answers by itself instead of passing a request on. */
export interface Intervention {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** Stands between a client and a server on loopback, counts what passes, and gets in the way when asked to. */
export class CountingProxy implements AsyncDisposable {
  readonly url: string;
  readonly passed: Passed[] = [];
  /** Asked before each request; a result is answered instead of the server's. `hang`: no answer ever comes. */
  intervene: (request: IncomingMessage) => Intervention | "hang" | undefined = () => undefined;
  readonly #server: Server;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  static async start(target: string): Promise<CountingProxy> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
    const proxy = new CountingProxy(server, `http://127.0.0.1:${address.port}`);
    server.on("request", (request, response) => {
      const { method = "", url: path = "" } = request;
      const passed: Passed = { method, path, bodyBytes: 0, status: 0 };
      proxy.passed.push(passed);
      request.on("data", (chunk: Buffer) => (passed.bodyBytes += chunk.length));
      const own = proxy.intervene(request);
      if (own === "hang") return;
      if (own !== undefined) {
        request.on("end", () => {
          passed.status = own.status;
          response.writeHead(own.status, own.headers).end(own.body);
        });
        return;
      }
      const onward = httpRequest(new URL(path, target), {
        method,
        headers: { ...request.headers, host: new URL(target).host },
        agent: false,
      });
      onward.on("response", (answer) => {
        passed.status = answer.statusCode ?? 0;
        response.writeHead(passed.status, answer.headers);
        answer.pipe(response);
      });
      onward.on("error", () => response.destroy());
      request.pipe(onward);
    });
    return proxy;
  }

  /** Bodies of knowledge and transcripts that went to the server. */
  get uploads(): Passed[] {
    return this.passed.filter(({ method, bodyBytes }) => /^(?:PUT|PATCH)$/.test(method) && bodyBytes > 0);
  }

  /** Forgets what passed so far. */
  reset(): void {
    this.passed.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
