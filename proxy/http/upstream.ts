import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Readable } from "node:stream";
import { LIMITS } from "../../contract/limits.ts";
import { isErrno } from "../../disk/errno.ts";
import type { ProxyConfig } from "../config.ts";
import { ProxyFault } from "./fault.ts";
import { watchPhases, type Waits } from "./phases.ts";

/** A request as it goes to the API. */
export interface Sent {
  method: string;
  /** Path and query below the API's address, as the client sent them. */
  path: string;
  /** Names and values by turns. */
  headers: readonly string[];
  body: Buffer | Readable;
  signal: AbortSignal;
}

/** The API: connections that are kept, and how long is waited for what. */
export class Upstream implements Disposable {
  /** What its `host` header says. */
  readonly host: string;
  readonly #root: URL;
  readonly #waits: Waits;
  readonly #agents: { kept: HttpAgent; fresh: HttpAgent };

  /** Throws what Node says of a proxy's address that it cannot use. */
  constructor({ upstream, proxies }: Pick<ProxyConfig, "upstream" | "proxies">, waits: Waits) {
    const Agent = upstream.protocol === "https:" ? HttpsAgent : HttpAgent;
    const common = { maxSockets: LIMITS.proxy.sockets, proxyEnv: { ...proxies } };
    this.#root = upstream;
    this.#waits = waits;
    this.#agents = { kept: new Agent({ ...common, keepAlive: true }), fresh: new Agent(common) };
    this.host = upstream.host;
  }

  /**
   * Sends a request; resolves with the head of the answer, whose body the caller reads. Throws ProxyFault (502, 504), or an
   * AbortError. A kept connection that the API had closed meanwhile is no failure: the same goes over a new one, once.
   */
  async send(sent: Sent): Promise<IncomingMessage> {
    try {
      return await this.#answer(sent, this.#agents.kept);
    } catch (error) {
      if (error instanceof StaleConnection) return this.#answer(sent, this.#agents.fresh);
      throw error;
    }
  }

  async #answer(sent: Sent, agent: HttpAgent): Promise<IncomingMessage> {
    const request = this.#open(sent, agent);
    watchPhases(request, this.#waits);
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      request.once("response", resolve);
      request.on("error", (error) => reject(this.#failure(error, request, sent)));
    });
    if (Buffer.isBuffer(sent.body)) request.end(sent.body);
    else feed(sent.body, request);
    return answered;
  }

  #open({ method, path, headers, signal }: Sent, agent: HttpAgent): ClientRequest {
    const { protocol, hostname, port, pathname } = this.#root;
    const request = protocol === "https:" ? httpsRequest : httpRequest;
    return request({
      agent,
      // Brackets are of URLs: an address of IPv6 has none.
      host: hostname.replace(/^\[|\]$/g, ""),
      port,
      method,
      path: `${pathname.replace(/\/+$/, "")}${path}`,
      headers: [...headers],
      signal,
      maxHeaderSize: LIMITS.proxy.headBytes,
    });
  }

  #failure(error: Error, { reusedSocket }: ClientRequest, { body, signal }: Sent): Error {
    if (signal.aborted || error instanceof ProxyFault) return error;
    if (reusedSocket && isErrno(error, "ECONNRESET", "EPIPE") && Buffer.isBuffer(body))
      return new StaleConnection();
    const code = isErrno(error) || !("code" in error) ? "" : ` (${String(error.code)})`;
    const message = `memory-proxy cannot reach the API at ${this.host}${code}: is this machine online, and UPSTREAM_API_URL right?`;
    return new ProxyFault(502, message, { cause: error });
  }

  [Symbol.dispose](): void {
    this.#agents.kept.destroy();
    this.#agents.fresh.destroy();
  }
}

/**
 * Not a pipeline, which would cut the client off: where the API stops reading, the client must still hear why. That the client
 * is gone ends the request by its signal.
 */
function feed(body: Readable, request: ClientRequest): void {
  body.on("error", () => request.destroy()).pipe(request);
  request.once("close", () => body.unpipe(request).resume());
}

/** A connection from before, which the other side closed before it saw the request. */
class StaleConnection extends Error {
  override readonly name = "StaleConnection";
}
