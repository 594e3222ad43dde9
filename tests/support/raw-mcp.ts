import * as z from "zod";

const Reply = z.object({
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
});

const METHODS_WITH_NAME: Record<string, string> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
};

/** A JSON-RPC error, as its code and message came. */
export class RpcFailure extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** MCP spoken by hand with fetch, in one of the two eras: nothing but what the specification asks for. */
export class RawMcp {
  readonly #url: string;
  readonly #token: string;
  readonly #era: "modern" | "legacy";
  #id = 0;

  constructor(url: string, options: { token: string; era: "modern" | "legacy" }) {
    this.#url = url;
    this.#token = options.token;
    this.#era = options.era;
  }

  listTools = () => this.#request("tools/list", {});
  listPrompts = () => this.#request("prompts/list", {});
  listResources = () => this.#request("resources/list", {});
  listResourceTemplates = () => this.#request("resources/templates/list", {});
  callTool = (params: object) => this.#request("tools/call", params);
  getPrompt = (params: object) => this.#request("prompts/get", params);
  readResource = (params: object) => this.#request("resources/read", params);
  complete = (params: object) => this.#request("completion/complete", params);

  async #request(method: string, params: object): Promise<Record<string, unknown>> {
    this.#id += 1;
    const response = await fetch(this.#url, {
      method: "POST",
      headers: this.#headers(method, params),
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: this.#id,
        method,
        params: { ...params, ...this.#envelope() },
      }),
    });
    const { result, error } = Reply.parse(messageIn(await response.text()));
    if (result !== undefined) return result;
    throw new RpcFailure(error?.code ?? 0, error?.message ?? "no answer");
  }

  #headers(method: string, params: object): Record<string, string> {
    const common = {
      authorization: `Bearer ${this.#token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    };
    if (this.#era === "legacy") return { ...common, "mcp-protocol-version": "2025-11-25" };
    const name = Object.entries(params).find(([key]) => key === METHODS_WITH_NAME[method])?.[1];
    return {
      ...common,
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method,
      ...(name !== undefined && { "mcp-name": String(name) }),
    };
  }

  #envelope(): object {
    if (this.#era === "legacy") return {};
    return {
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": { name: "by-hand", version: "1.0.0" },
      },
    };
  }
}

/** The message of a JSON body, or of the one event of an event stream. */
function messageIn(body: string): unknown {
  const data = /^data: (.*)$/m.exec(body)?.[1];
  return JSON.parse(data ?? body);
}
