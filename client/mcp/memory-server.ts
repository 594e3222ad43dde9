import * as z from "zod";
import { isObject, type JsonObject } from "../../contract/json.ts";
import { LIMITS } from "../../contract/limits.ts";
import { MEMORY_TOOL_DESCRIPTION, MEMORY_TOOL_TITLE, MemoryCommand } from "../../memory-tool/command.ts";
import { MEMORY_TOOL } from "../../memory-tool/names.ts";
import type { SharedFolder } from "../memories/shared-folder.ts";
import { META, metaOf, paramsOf } from "./envelope.ts";
import { callMemoryTool } from "./memory-call.ts";
import type { Message } from "./message-lines.ts";
import { errorAnswer, RPC, RpcError } from "./rpc-error.ts";

const MODERN = "2026-07-28";
/** Revisions with `initialize`, the newest first: what is agreed on where a client names another one. */
const LEGACY = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07"];
/** The name and the description that programs know from the first memory server for Claude Code. */
const NAME = "memory";
const DESCRIPTION = "Persistent memory tool for Claude Code (file-backed storage).";
const CAPABILITIES = { tools: { listChanged: false } };
/** It depends on the program only. */
const FRESH = { ttlMs: LIMITS.mcp.listsFreshMs, cacheScope: "private" };

/** A server of MCP with the memory tool alone, for clients of both eras of the protocol. */
export class MemoryServer {
  readonly #memory: SharedFolder;
  readonly #info: JsonObject;
  readonly #listed: JsonObject;

  constructor(memory: SharedFolder, version: string) {
    this.#memory = memory;
    this.#info = { name: NAME, version };
    this.#listed = { ...LISTED, inputSchema: z.toJSONSchema(MemoryCommand, { io: "input" }) };
  }

  /** The answer to a message; undefined for one that wants none. */
  async answer(message: Message): Promise<Message | undefined> {
    const { id, method, jsonrpc } = message;
    if (jsonrpc !== "2.0" || !(id === undefined || isId(id)))
      return errorAnswer(id ?? null, { code: RPC.invalidRequest, message: "Not a message of JSON-RPC 2.0" });
    if (id === undefined || typeof method !== "string") return undefined;
    try {
      return { jsonrpc, id, result: await this.#result(method, message) };
    } catch (error) {
      if (error instanceof RpcError) return errorAnswer(id, error);
      throw error;
    }
  }

  async #result(method: string, message: Message): Promise<JsonObject> {
    const version = metaOf(message)[META.version];
    if (version === undefined) return this.#legacy(method, message);
    assertModern(version, metaOf(message));
    const result = await this.#modern(method, message);
    return { ...result, resultType: "complete", _meta: { [META.server]: this.#info } };
  }

  async #legacy(method: string, message: Message): Promise<JsonObject> {
    if (method === "ping") return {};
    if (method !== "initialize") return this.#tools(method, message);
    const { protocolVersion: asked } = paramsOf(message);
    const protocolVersion = LEGACY.find((known) => known === asked) ?? LEGACY[0];
    return { protocolVersion, serverInfo: this.#info, ...INTRODUCTION };
  }

  async #modern(method: string, message: Message): Promise<JsonObject> {
    if (method === "server/discover") return { supportedVersions: [MODERN], ...INTRODUCTION, ...FRESH };
    const result = await this.#tools(method, message);
    return method === "tools/list" ? { ...result, ...FRESH } : result;
  }

  async #tools(method: string, message: Message): Promise<JsonObject> {
    if (method === "tools/list") return { tools: [this.#listed] };
    if (method !== "tools/call") throw new RpcError(RPC.methodNotFound, "Method not found");
    const { name, arguments: given } = paramsOf(message);
    if (name !== MEMORY_TOOL)
      throw new RpcError(RPC.invalidParams, `Unknown tool; there is ${MEMORY_TOOL} only`);
    if (given !== undefined && !isObject(given))
      throw new RpcError(RPC.invalidParams, "arguments: not an object");
    return callMemoryTool(this.#memory, given);
  }
}

const INTRODUCTION = { capabilities: CAPABILITIES, instructions: MEMORY_TOOL_DESCRIPTION };

const LISTED = {
  name: MEMORY_TOOL,
  title: MEMORY_TOOL_TITLE,
  description: DESCRIPTION,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  _meta: { "anthropic/alwaysLoad": true },
};

function assertModern(version: unknown, meta: JsonObject): void {
  if (typeof version !== "string") throw new RpcError(RPC.invalidParams, `${META.version}: not a text`);
  if (version !== MODERN)
    throw new RpcError(RPC.unsupportedVersion, "Unsupported protocol version", {
      supported: [MODERN],
      requested: version,
    });
  if (!isObject(meta[META.capabilities]))
    throw new RpcError(RPC.invalidParams, `${META.capabilities}: missing`);
}

function isId(id: unknown): boolean {
  return typeof id === "string" || Number.isInteger(id);
}
