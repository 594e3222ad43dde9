import * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import { ErrorBody, IndexStatus, JoinEntry, MadeJoin, TokenEntry } from "../../contract/wire.ts";
import type { AdminApi } from "../access/admin.ts";
import { openAdmin } from "../app.ts";
import { readLocalAdmin, type LocalAdmin } from "../storage/local-admin.ts";

const Created = z.object({ entry: TokenEntry, secret: z.string() });
const Tokens = z.object({ tokens: z.array(TokenEntry) });
const Joins = z.object({ joins: z.array(JoinEntry) });
const Reissued = z.object({ workspace_id: z.string(), write_token: z.string() });
const Revoked = z.object({ workspace_id: z.string() });

/**
 * Runs an admin command: through the running server when there is one, else on the files, holding the lock so
 * that no server can start meanwhile.
 */
export async function withAdmin<T>(memoryRoot: string, use: (admin: AdminApi) => Promise<T>): Promise<T> {
  const running = await readLocalAdmin(memoryRoot);
  if (running !== undefined && (await answers(running))) return use(new RemoteAdmin(running));
  await using offline = await openAdmin(memoryRoot);
  return await use(offline.admin);
}

async function answers({ url }: LocalAdmin): Promise<boolean> {
  try {
    const response = await fetch(new URL("/healthz", url), { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    // Whatever it was, the lock decides next whether a server is running.
    return false;
  }
}

/** The admin API of the running server, over loopback with the credential only its owner can read. */
class RemoteAdmin implements AdminApi {
  readonly #local: LocalAdmin;

  constructor(local: LocalAdmin) {
    this.#local = local;
  }

  createToken(wish: Parameters<AdminApi["createToken"]>[0]): ReturnType<AdminApi["createToken"]> {
    return this.#call("POST", "tokens", Created, wish);
  }

  async listTokens(): ReturnType<AdminApi["listTokens"]> {
    return (await this.#call("GET", "tokens", Tokens)).tokens;
  }

  revokeToken(id: string): ReturnType<AdminApi["revokeToken"]> {
    return this.#call("DELETE", `tokens/${encodeURIComponent(id)}`, TokenEntry);
  }

  createJoin(wish: Parameters<AdminApi["createJoin"]>[0]): ReturnType<AdminApi["createJoin"]> {
    return this.#call("POST", "joins", MadeJoin, wish);
  }

  async listJoins(): ReturnType<AdminApi["listJoins"]> {
    return (await this.#call("GET", "joins", Joins)).joins;
  }

  revokeJoin(id: string): ReturnType<AdminApi["revokeJoin"]> {
    return this.#call("DELETE", `joins/${encodeURIComponent(id)}`, JoinEntry);
  }

  reissue(workspaceId: string): ReturnType<AdminApi["reissue"]> {
    return this.#call("POST", `workspaces/${encodeURIComponent(workspaceId)}/reissue`, Reissued);
  }

  revokeBindings(workspaceId: string): ReturnType<AdminApi["revokeBindings"]> {
    return this.#call("POST", `workspaces/${encodeURIComponent(workspaceId)}/revoke-bindings`, Revoked);
  }

  indexStatus(): ReturnType<AdminApi["indexStatus"]> {
    return this.#call("GET", "index", IndexStatus);
  }

  rebuildIndex(): ReturnType<AdminApi["rebuildIndex"]> {
    return this.#call("POST", "index/rebuild", IndexStatus);
  }

  async #call<T>(method: string, path: string, schema: z.ZodType<T>, body?: unknown): Promise<T> {
    const response = await this.#ask(path, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (response.ok) return schema.parse(answer);
    const { error } = ErrorBody.parse(answer);
    throw new AppError(
      error.code === "internal" ? "unavailable" : error.code,
      error.message,
      error.hint === undefined ? {} : { hint: error.hint },
    );
  }

  async #ask(path: string, init: RequestInit): Promise<Response> {
    const headers = { authorization: `Bearer ${this.#local.token}`, "content-type": "application/json" };
    try {
      return await fetch(new URL(`/api/v1/admin/${path}`, this.#local.url), { ...init, headers });
    } catch (error) {
      throw new AppError("unavailable", `The server at ${this.#local.url} stopped answering`, {
        cause: error,
        hint: "Whether it did what was asked is not known; look at its log, then try again",
      });
    }
  }
}
