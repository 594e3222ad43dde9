import { createServer } from "node:http";
import process from "node:process";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer, Server } from "@modelcontextprotocol/server";
import * as z from "zod";

/**
 * The least that serves one MCP tool with the official SDK over `node:http`: no token, no checks, no log. With
 * BARE=low-level the tool is answered without the SDK's registry and without a schema.
 */
const INFO = { name: "bare", version: "1.0.0" };
const input = z.object({ path: z.string() });

function registered(): McpServer {
  const server = new McpServer(INFO);
  server.registerTool("read", { description: "Reads", inputSchema: input }, ({ path }) => textOf(path));
  return server;
}

function lowLevel(): Server {
  const server = new Server(INFO, { capabilities: { tools: {} } });
  server.setRequestHandler("tools/call", ({ params }) => textOf(String(params.arguments?.["path"])));
  return server;
}

function textOf(path: string) {
  return { content: [{ type: "text" as const, text: `the text of ${path}` }] };
}

const handle = toNodeHandler(createMcpHandler(process.env["BARE"] === "low-level" ? lowLevel : registered));
const http = createServer((request, response) => {
  const { method = "GET", url = "/", headers } = request;
  // The SDK's answer to a failure is an answer too.
  void handle(
    { method, url, headers, [Symbol.asyncIterator]: () => request[Symbol.asyncIterator]() },
    response,
  );
});
http.listen(0, "127.0.0.1", () => {
  const address = http.address();
  const port = typeof address === "object" ? address?.port : undefined;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
});
