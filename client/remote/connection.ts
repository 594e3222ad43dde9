import { LIMITS } from "../../contract/limits.ts";
import { ErrorBody } from "../../contract/wire.ts";
import { kindOf, RemoteError, retryAfterMs } from "./remote-error.ts";

/** No answer that is read as a whole is larger. */
const ANSWER_BYTES = 64 * 1024 * 1024;

export interface RequestSpec {
  method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH";
  /** Below `/api/v1`, each part already encoded. */
  path: string;
  query?: Readonly<Record<string, string | number | undefined>>;
  headers?: Readonly<Record<string, string | undefined>>;
  body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  timeoutMs?: number;
}

/** A server and the token presented to it. Turns every failure into a RemoteError. */
export class Connection {
  readonly #root: string;
  readonly #token: string | undefined;
  #bytesSent = 0;

  constructor(root: string, token: string | undefined) {
    this.#root = root;
    this.#token = token;
  }

  /** Bytes of request bodies sent so far. */
  get bytesSent(): number {
    return this.#bytesSent;
  }

  /** Sends one request; resolves for a 2xx status. The caller reads or cancels the body. */
  async send(spec: RequestSpec): Promise<Response> {
    const signal = AbortSignal.timeout(spec.timeoutMs ?? LIMITS.client.requestTimeoutMs);
    const source = new WatchedBody(spec.body, (bytes) => (this.#bytesSent += bytes));
    let response: Response;
    try {
      response = await fetch(this.#urlOf(spec), {
        method: spec.method,
        headers: this.#headersOf(spec),
        redirect: "manual",
        signal,
        ...source.init,
      });
    } catch (error) {
      source.rethrow();
      throw new RemoteError("network", this.#unreachable(error), { cause: error });
    }
    if (response.ok) return response;
    throw await failureOf(response);
  }

  /** The whole body of an answer. */
  async bytes(response: Response): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const chunk of response.body ?? []) {
        size += chunk.length;
        if (size > ANSWER_BYTES) throw new RemoteError("network", "The server's answer is too large");
        chunks.push(chunk);
      }
    } catch (error) {
      if (error instanceof RemoteError) throw error;
      throw new RemoteError("network", this.#unreachable(error), { cause: error });
    }
    return Buffer.concat(chunks);
  }

  #urlOf({ path, query = {} }: RequestSpec): string {
    const url = new URL(`${this.#root}/api/v1${path}`);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    return url.href;
  }

  #headersOf({ headers = {} }: RequestSpec): Record<string, string> {
    const all: Record<string, string> = {
      Accept: "application/json, */*;q=0.5",
      "User-Agent": "memory-sync",
    };
    if (this.#token !== undefined) all["Authorization"] = `Bearer ${this.#token}`;
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) all[name] = value;
    return all;
  }

  #unreachable(error: unknown): string {
    const { host } = new URL(this.#root);
    if (error instanceof Error && error.name === "TimeoutError") return `${host} did not answer in time`;
    return `${host} cannot be reached${reasonOf(error)}`;
  }
}

/** A request body that is counted, and whose own failure (a file that cannot be read) is told from the network's. */
class WatchedBody {
  readonly init: RequestInit;
  #failure: Error | undefined;
  readonly #count: (bytes: number) => void;

  constructor(body: RequestSpec["body"], count: (bytes: number) => void) {
    this.#count = count;
    if (body === undefined) {
      this.init = {};
    } else if (typeof body === "string" || body instanceof Uint8Array) {
      const data = typeof body === "string" ? Buffer.from(body) : body;
      count(data.length);
      this.init = { body: data };
    } else {
      this.init = { body: ReadableStream.from(this.#watch(body)), duplex: "half" };
    }
  }

  /** Throws what made the body end early, if that was not the network. */
  rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async *#watch(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body) {
        this.#count(chunk.length);
        yield chunk;
      }
    } catch (error) {
      if (error instanceof Error) this.#failure = error;
      throw error;
    }
  }
}

async function failureOf(response: Response): Promise<RemoteError> {
  const { status } = response;
  const text = await response.text().catch(() => "");
  const parsed = ErrorBody.safeParse(jsonOf(text));
  const said = parsed.success ? parsed.data.error : undefined;
  return new RemoteError(
    status >= 300 && status < 400 ? "network" : kindOf(status),
    said?.message ?? wordsFor(response),
    {
      status,
      code: said?.code,
      hint: said?.hint,
      details: said?.details,
      retryAfterMs: retryAfterMs(response.headers.get("retry-after"), Date.now()),
    },
  );
}

function wordsFor({ status, headers }: Response): string {
  if (status >= 300 && status < 400)
    return `The server sends this program to another address (${status})${originOf(headers.get("location"))}; set that as its url`;
  if (status === 401) return "The server does not accept the token";
  return `The server answered ${status}`;
}

/** Where a redirect leads, without path and query: those may hold secrets. */
function originOf(location: string | null): string {
  return location !== null && URL.canParse(location) ? `: ${new URL(location).origin}` : "";
}

/** Why fetch failed lies in the causes of its error, as a system code or, say for a port that fetch refuses, in words. */
function reasonOf(error: unknown): string {
  let deepest = "";
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && typeof cause.code === "string") return ` (${cause.code})`;
    deepest = cause.message;
  }
  return deepest === "" ? "" : ` (${deepest})`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
