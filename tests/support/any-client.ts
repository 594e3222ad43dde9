const ID = "laptop-codex-webshop";
const TEMPLATE = { type: "ref/resource", uri: "memory://{workspace_id}/{+path}" } as const;

/** What all MCP clients have in common. */
interface AnyClient {
  listTools(): Promise<unknown>;
  listPrompts(): Promise<unknown>;
  listResources(): Promise<unknown>;
  listResourceTemplates(): Promise<unknown>;
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  getPrompt(params: { name: string; arguments: Record<string, string> }): Promise<unknown>;
  readResource(params: { uri: string }): Promise<unknown>;
  complete(params: { ref: typeof TEMPLATE; argument: { name: string; value: string } }): Promise<unknown>;
}

/** The same requests for every client; failures are answers too. */
const REQUESTS: Record<string, (client: AnyClient) => Promise<unknown>> = {
  "list tools": (client) => client.listTools(),
  "list prompts": (client) => client.listPrompts(),
  "list resources": (client) => client.listResources(),
  "list templates": (client) => client.listResourceTemplates(),
  overview: (client) => client.callTool({ name: "get_overview", arguments: {} }),
  search: (client) => client.callTool({ name: "search_knowledge", arguments: { query: "zebracorn" } }),
  "read a file": (client) =>
    client.callTool({ name: "read_knowledge", arguments: { workspace_id: ID, path: "a b.md" } }),
  "a missing file": (client) =>
    client.callTool({ name: "read_knowledge", arguments: { workspace_id: ID, path: "nope.md" } }),
  "wrong arguments": (client) => client.callTool({ name: "read_knowledge", arguments: { workspace_id: 1 } }),
  "no arguments": (client) => client.callTool({ name: "search_sessions", arguments: {} }),
  "a write without a binding": (client) =>
    client.callTool({ name: "write_overview", arguments: { content: "x" } }),
  "another role's tool": (client) => client.callTool({ name: "upload_session", arguments: {} }),
  "an unknown tool": (client) => client.callTool({ name: "nope", arguments: {} }),
  "read a resource": (client) => client.readResource({ uri: `memory://${ID}/knowledge/a%20b.md` }),
  "a missing resource": (client) => client.readResource({ uri: `memory://${ID}/knowledge/nope.md` }),
  "a prompt": (client) => client.getPrompt({ name: "recall", arguments: { topic: "zebracorn" } }),
  "an unknown prompt": (client) => client.getPrompt({ name: "nope", arguments: {} }),
  completion: (client) =>
    client.complete({ ref: TEMPLATE, argument: { name: "workspace_id", value: "lap" } }),
};

/** What a client is answered to one request of each kind about a workspace `laptop-codex-webshop` with the file `a b.md`. */
export async function answersOf(client: AnyClient): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {};
  for (const [name, request] of Object.entries(REQUESTS))
    answers[name] = await request(client).then(comparable, (error: unknown) => ({
      failed: failureOf(error),
    }));
  return answers;
}

/** Without what one era adds to every result, and with the random marks around stored text made equal. */
function comparable(result: unknown): unknown {
  const eraFields = new Set(["io.modelcontextprotocol/serverInfo", "resultType", "ttlMs", "cacheScope"]);
  const json = JSON.stringify(result, (key, value: unknown) => {
    if (eraFields.has(key)) return undefined;
    return key === "_meta" && Object.keys(Object(value)).every((name) => eraFields.has(name))
      ? undefined
      : value;
  });
  return JSON.parse(json.replaceAll(/(mark|<<<|>>>) [\w-]{12}/g, "$1 MARK"));
}

/** Clients put words of their own before the server's message. */
function failureOf(error: unknown): unknown {
  const { code, message } = Object(error);
  return { code, message: String(message).replace(/^MCP error -?\d+: /, "") };
}
