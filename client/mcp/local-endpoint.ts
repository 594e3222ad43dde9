import type { SharedFolder } from "../memories/shared-folder.ts";
import type { Endpoint } from "./endpoint.ts";
import { MemoryServer } from "./memory-server.ts";

const ACCEPTED = 202;

/** The memory tool alone, on the files of a folder: a server of MCP in this process. A change that has begun is not cancelled. */
export function localEndpoint(memory: SharedFolder, version: string): Endpoint {
  const server = new MemoryServer(memory, version);
  return async (message) => {
    const answer = await server.answer(message);
    return answer === undefined ? new Response(null, { status: ACCEPTED }) : Response.json(answer);
  };
}
