import { createServer } from "node:http";
import { once } from "node:events";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { createMcpEndpoint } from "./server/mcp/endpoint.ts";
import { AppError } from "./contract/errors.ts";
const page = { workspace_id: "a-b-c", path: "x.md", anchor: "memory://a-b-c/knowledge/x.md", modified: "2026", version: 1, sha256: "0".repeat(64), from_line: 1, lines: 1, text: "hello" };
const ws = { id: "a-b-c", pageOverview: async () => page, readKnowledge: async () => page, listKnowledge: async () => ({ entries: [] }), listSessions: async () => ({ entries: [] }), summary: async () => ({}) };
const dir = { overview: async () => ({ readme: "R", index: "I", workspaces: { entries: [] } }), workspaces: async () => ({ entries: [{ workspace_id: "a-b-c", machine: "a", tool: "b", project: "c", created_at: "2026-11-21T00:00:00.000Z", last_activity: "2026-11-21T00:00:00.000Z", knowledge_files: 1, sessions: 0, bytes: 3 }] }), searchKnowledge: async () => ({ hits: [], partial: false }), searchSessions: async () => { throw new TypeError("boom"); }, registerForAi: async () => ({ workspace_id: "a-b-c", created: true, binding: "fmb_a-b-c.0000.aaaaaaaaaaaaaaaaaaaaaaaaaa", expires_at: "x" }), listSessions: async () => ({ entries: [] }) };
const gate: any = { all: () => dir, read: () => ws, own: () => { throw new AppError("forbidden", "not bound", { hint: "Call register" }); } };
const ep = createMcpEndpoint({ gate, version: "0.1.0", log: { error: console.error, debug: console.error } });
const role = process.argv[2] ?? "ai";
const server = createServer((req: any, res) => { req.auth = { token: "", clientId: "x", scopes: [], extra: { principal: { id: "x", name: "x", role, scope: ["*"] } } }; res.setHeader("x-request-id", "rid-1"); void ep.handle(req, res); });
server.listen(0, "127.0.0.1"); await once(server, "listening");
const url = new URL(`http://127.0.0.1:${(server.address() as any).port}/mcp`);
if (process.argv[3]) { console.log(url.href); await new Promise(() => {}); }
for (const mode of ["auto", "legacy"] as const) {
  const client = new Client({ name: "t", version: "1" }, { versionNegotiation: { mode } } as any);
  await client.connect(new StreamableHTTPClientTransport(url));
  console.log(mode, client.getServerCapabilities(), client.getInstructions()?.length);
  const tools = (await client.listTools()).tools; console.log(tools.length, mode === "auto" ? JSON.stringify(tools.find(t=>t.name==="search_knowledge"), null, 1) : "");
  const call = async (name: string, args: object) => { try { return JSON.stringify(await client.callTool({ name, arguments: args as any })); } catch (e) { return "THROWN " + String(e); } };
  for (const [n, a] of [["get_overview", {}], ["get_overview", {workspace_id: "a-b-c"}], ["search_knowledge", { query: "x" }], ["search_sessions", { query: "x" }], ["read_knowledge", { workspace_id: "a-b-c", path: "x.md" }], ["read_knowledge", { workspace_id: "A", path: "../x.md", zz: 1 }], ["write_overview", { content: "x", workspace_id: "a-b-c" }], ["write_overview", { content: "x" }], ["upload_session", {}], ["register_workspace", { machine: "a", tool: "b", project: "c" }], ["nope", {}], ["constructor", {}]] as const) console.log(n, await call(n, a));
  const tryIt = async (l: string, f: () => Promise<unknown>) => { try { console.log(l, JSON.stringify(await f())); } catch (e: any) { console.log(l, "ERR", e.code, e.message, JSON.stringify(e.data)); } };
  await tryIt("res", () => client.listResources());
  await tryIt("tmpl", () => client.listResourceTemplates());
  for (const uri of ["memory://a-b-c/overview.md", "memory://a-b-c/knowledge/x.md#L1-2", "memory://a-b-c/knowledge/../overview.md", "x", "memory://a-b-c/knowledge/%2e%2e/overview.md"]) await tryIt(uri, () => client.readResource({ uri }));
  await tryIt("prompts", () => client.listPrompts());
  await tryIt("recall", () => client.getPrompt({ name: "recall", arguments: { topic: "zebra" } }));
  await tryIt("handoff", () => client.getPrompt({ name: "handoff", arguments: { workspace_id: "a-b-c" } }));
  await tryIt("handoffbad", () => client.getPrompt({ name: "handoff", arguments: { nope: "a-b-c" } }));
  await tryIt("complete", () => client.complete({ ref: { type: "ref/resource", uri: "memory://{workspace_id}/{+path}" }, argument: { name: "workspace_id", value: "a" } }));
  await client.close();
}
server.close(); server.closeAllConnections();
