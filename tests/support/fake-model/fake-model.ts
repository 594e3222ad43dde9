import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listenOnLoopback } from "./loopback.ts";

/** What a model does in every conversation: calls one tool of ours, and after its result says one sentence. */
export interface Script {
  tool: string;
  input: Readonly<Record<string, unknown>>;
  say: string;
  /** Of the Messages API: the sentence out of what the tool answered, instead of `say`. */
  sayOf?: (result: string) => string;
}

/** Answers one request of a client for the next turn; `body` is what it sent. */
export type Answer = (body: unknown, script: Script, response: ServerResponse) => void;

/** A model service on loopback that plays a script, and keeps what the client sent. */
export class FakeModel implements AsyncDisposable {
  readonly url: string;
  /** May be changed between two sessions. */
  script: Script;
  /** Bodies of the requests for a turn, as text, in their order. */
  readonly requests: string[] = [];
  readonly #close: () => Promise<void>;

  private constructor(url: string, script: Script, close: () => Promise<void>) {
    this.url = url;
    this.script = script;
    this.#close = close;
  }

  /** `path`: where turns are asked for; every other path is answered with an empty object. */
  static async start(given: { path: string; answer: Answer; script: Script }): Promise<FakeModel> {
    const server = createServer((request, response) => void serve(request, response));
    const { url, close } = await listenOnLoopback(server);
    const model = new FakeModel(url, given.script, close);
    return model;

    async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const body = Buffer.concat(await request.toArray()).toString("utf8");
      if (new URL(request.url ?? "/", url).pathname !== given.path) {
        response.end(JSON.stringify({ input_tokens: 1 }));
        return;
      }
      model.requests.push(body);
      given.answer(JSON.parse(body), model.script, response);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}
