import { randomBytes } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { SyncRegistration, type WorkspaceName } from "../../contract/wire.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { LAYOUT } from "../../server/storage/layout.ts";
import { readLocalAdmin } from "../../server/storage/local-admin.ts";
import { HttpClient } from "./http-client.ts";
import { MeasuredProgram } from "./measured-program.ts";

const MAIN = join(import.meta.dirname, "../../bin/federated-memory.mjs");

const Secret = z.object({ secret: z.string() });

/** A workspace of the server with the right to write to it. */
export interface WritableWorkspace {
  id: string;
  /** Of every request that writes. */
  headers: Record<string, string>;
}

/** The product's server as people run it: a process of its own, its usual settings, asked over HTTP. */
export class MemoryServer implements AsyncDisposable {
  readonly program: MeasuredProgram;
  readonly url: string;
  /** With the AIs' token. */
  readonly ai: HttpClient;
  readonly root: string;
  readonly syncToken: string;

  private constructor(
    program: MeasuredProgram,
    root: string,
    { url, ai, sync }: Record<"url" | "ai" | "sync", string>,
  ) {
    this.program = program;
    this.root = root;
    this.url = url;
    this.ai = new HttpClient(url, bearer(ai));
    this.syncToken = sync;
  }

  /** Resolves as soon as it listens. */
  static async start(root: string): Promise<MemoryServer> {
    const tokens = { ai: randomBytes(32).toString("hex"), sync: randomBytes(32).toString("hex") };
    const env = { MCP_TOKEN: tokens.ai, SYNC_TOKEN: tokens.sync, MEMORY_ROOT: root, PORT: "0" };
    await forgetTokens(root);
    await using stack = new AsyncDisposableStack();
    const program = stack.use(new MeasuredProgram(MAIN, env));
    const server = new MemoryServer(program, root, { ...tokens, url: await program.url });
    stack.move();
    return server;
  }

  /** With the credential of the machine's owner. */
  async admin(): Promise<HttpClient> {
    const local = await readLocalAdmin(this.root);
    if (local === undefined) throw new Error("the server left no way for its owner to reach it");
    return new HttpClient(this.url, bearer(local.token));
  }

  /** A new token of the role `ai`: each may ask only so often in a minute. */
  async newAiToken(name: string): Promise<string> {
    using admin = await this.admin();
    const body = Buffer.from(JSON.stringify({ name, role: "ai" }));
    const headers = { "content-type": "application/json" };
    const made = await admin.send({ method: "POST", path: "/api/v1/admin/tokens", headers, body });
    return Secret.parse(JSON.parse(made.body.toString("utf8"))).secret;
  }

  async register(name: WorkspaceName): Promise<WritableWorkspace> {
    using sync = new HttpClient(this.url, bearer(this.syncToken));
    const body = Buffer.from(JSON.stringify(name));
    const headers = { "content-type": "application/json" };
    const registered = await sync.send({ method: "POST", path: "/api/v1/workspaces", headers, body });
    const { workspace_id: id, write_token: token = "" } = SyncRegistration.parse(
      JSON.parse(registered.body.toString("utf8")),
    );
    return { id, headers: { ...bearer(this.syncToken), "x-workspace-token": token } };
  }

  /** Lets it end in order. */
  async stop(): Promise<void> {
    this.ai[Symbol.dispose]();
    await this.program.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.ai[Symbol.dispose]();
    await this.program[Symbol.asyncDispose]();
  }
}

/** Those of earlier runs would come to be as many as may be valid. */
async function forgetTokens(root: string): Promise<void> {
  const folder = join(root, LAYOUT.meta);
  const names = (await unlessMissing(readdir(folder))) ?? [];
  for (const name of names) if (name.startsWith(LAYOUT.tokens)) await rm(join(folder, name));
}

/** The headers that say who asks. */
export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}
