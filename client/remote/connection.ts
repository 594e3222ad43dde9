import type * as z from "zod";
import { parseJson } from "../../contract/json.ts";
import { LIMITS } from "../../contract/limits.ts";
import { failureIn, strangeAnswer } from "./answer.ts";
import { RemoteError } from "./remote-error.ts";
import { RequestBody, type BodySource } from "./request-body.ts";
import { unreachable } from "./unreachable.ts";

/** What follows the `?` of an address; undefined values are left out. */
export type Query = Readonly<Record<string, string | number | undefined>>;

export interface RequestSpec {
  method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH";
  /** Below `/api/v1`, each part already encoded. */
  path: string;
  query?: Query;
  headers?: Readonly<Record<string, string | undefined>>;
  body?: BodySource;
  timeoutMs?: number;
}

/** A token, and where somebody finds it who has to correct it. */
export interface Credential {
  readonly secret: string;
  readonly place: string;
}

/** A server and the token presented to it. Turns every failure into a RemoteError. */
export class Connection {
  readonly #root: string;
  readonly #token: Credential | undefined;
  /** What every request says of this machine's outbox; nothing while undefined. */
  report: string | undefined;
  #bytesSent = 0;

  constructor(root: string, token: Credential | undefined) {
    this.#root = root;
    this.#token = token;
  }

  /** Bytes of the request bodies that were answered, with whatever answer. */
  get bytesSent(): number {
    return this.#bytesSent;
  }

  /** Sends one request; resolves for a 2xx status. The caller reads or cancels the body. */
  async send(spec: RequestSpec): Promise<Response> {
    const signal = AbortSignal.timeout(spec.timeoutMs ?? LIMITS.client.requestTimeoutMs);
    const body = new RequestBody(spec.body);
    let response: Response;
    try {
      response = await fetch(this.#urlOf(spec), {
        method: spec.method,
        headers: this.#headersOf(spec),
        redirect: "manual",
        signal,
        ...body.init,
      });
    } catch (error) {
      body.rethrow();
      throw unreachable(this.#root, error);
    }
    this.#bytesSent += body.sizeBytes;
    if (response.ok) return response;
    throw failureIn(response, { text: await this.#said(response), tokenFrom: this.#token?.place });
  }

  /** Sends one request and reads its answer whole. */
  async bytes(spec: RequestSpec): Promise<Buffer> {
    return this.#whole(await this.send(spec));
  }

  /** Sends one request and reads its answer as what the schema says. */
  async json<Schema extends z.ZodType>(schema: Schema, spec: RequestSpec): Promise<z.infer<Schema>> {
    const parsed = schema.safeParse(parseJson((await this.bytes(spec)).toString("utf8")));
    if (!parsed.success) throw strangeAnswer(parsed.error);
    return parsed.data;
  }

  async #whole(response: Response): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const chunk of response.body ?? []) {
        size += chunk.length;
        if (size > LIMITS.client.answerBytes)
          throw new RemoteError("network", "The server's answer is too large");
        chunks.push(chunk);
      }
    } catch (error) {
      if (error instanceof RemoteError) throw error;
      throw unreachable(this.#root, error);
    }
    return Buffer.concat(chunks);
  }

  /** The body of a failure, as far as it matters: the status says enough where it breaks off. */
  async #said(response: Response): Promise<string> {
    try {
      return (await this.#whole(response)).toString("utf8");
    } catch (error) {
      if (error instanceof RemoteError) return "";
      throw error;
    }
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
    if (this.#token !== undefined) all["Authorization"] = `Bearer ${this.#token.secret}`;
    if (this.report !== undefined) all["X-Memory-Sync"] = this.report;
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) all[name] = value;
    return all;
  }
}
