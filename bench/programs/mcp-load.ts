import * as z from "zod";
import type { HttpClient } from "./http-client.ts";

/** The revision of MCP that is spoken: every request stands alone. */
const PROTOCOL = "2026-07-28";

const Reply = z.object({
  result: z.object({ content: z.array(z.object({ text: z.string() })), isError: z.boolean().optional() }),
});

/** A tool call as an AI's client sends it. */
export interface ToolCall {
  name: string;
  arguments: Record<string, unknown>;
}

/** Calls a tool so many times over so many connections that stay open. Throws for the first answer that is a failure. */
export async function callTools(
  clients: readonly HttpClient[],
  call: ToolCall,
  callsPerClient: number,
): Promise<void> {
  await Promise.all(
    clients.map(async (client) => {
      for (let count = 0; count < callsPerClient; count += 1) await callTool(client, call);
    }),
  );
}

async function callTool(client: HttpClient, call: ToolCall): Promise<void> {
  const headers = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": PROTOCOL,
    "mcp-method": "tools/call",
    "mcp-name": call.name,
  };
  const answer = await client.send({ method: "POST", path: "/mcp", headers, body: bodyOf(call) });
  const { result } = Reply.parse(JSON.parse(answer.body.toString("utf8")));
  if (result.isError === true) throw new Error(`${call.name}: ${result.content[0]?.text ?? "failed"}`);
}

function bodyOf(call: ToolCall): Buffer {
  const envelope = {
    "io.modelcontextprotocol/protocolVersion": PROTOCOL,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1.0.0" },
  };
  const params = { ...call, _meta: envelope };
  return Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }));
}
