import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { SyncRegistration } from "../../contract/wire.ts";
import { sha256 } from "../../disk/digest.ts";
import { random, type Random } from "./random.ts";
import { RawMcp } from "./raw-mcp.ts";
import { AI_TOKEN, SYNC_TOKEN } from "./server.ts";
import { lines } from "./session-store.ts";

const LocalAdmin = z.object({ url: z.string(), token: z.string() });
const Binding = z.object({ binding: z.string() });
const Made = z.object({ secret: z.string() });
const WRITERS = 8;
const FILES = 5;
/** Of each, so that a backup under them ends on a slow disk too. */
const PAUSE_MS = 40;

/** Something that the server has acknowledged, and how to see that a server has it. */
export interface Acked {
  what: string;
  isIn(server: { url: string }): Promise<boolean>;
}

interface Sent {
  method: string;
  body?: NonNullable<RequestInit["body"]>;
  headers: Record<string, string>;
  token?: string;
}

interface Own {
  id: string;
  writeToken: string;
  binding: string;
}

/**
 * Writes to a server from eight sides at once, until it is stopped: knowledge, new, over and deleted; memories, new and
 * renamed to and fro; sessions, new, longer, and
 * equal to others; workspaces; tokens. Remembers what was acknowledged, in order.
 */
export class BusyServer {
  readonly acked: Acked[] = [];
  readonly #url: string;
  readonly #adminToken: string;
  readonly #stop = { now: false };
  #writers: Promise<void>[] = [];

  private constructor(url: string, adminToken: string) {
    this.#url = url;
    this.#adminToken = adminToken;
  }

  static async start({ url, root }: { url: string; root: string }): Promise<BusyServer> {
    const { token } = LocalAdmin.parse(
      JSON.parse(await readFile(join(root, "_meta/local-admin.json"), "utf8")),
    );
    const busy = new BusyServer(url, token);
    busy.#writers = Array.from({ length: WRITERS }, (_, writer) => busy.#write(writer));
    return busy;
  }

  async stop(): Promise<void> {
    this.#stop.now = true;
    await Promise.all(this.#writers);
  }

  async #write(writer: number): Promise<void> {
    const chance = random(writer);
    let own = await this.#register(`writer-${writer}`);
    for (let turn = 0; !this.#stop.now; turn += 1) {
      await sleep(PAUSE_MS);
      if (writer === 0) await this.#memory(own, turn);
      else if (writer < 4) await this.#knowledge(own, chance, turn);
      else if (writer < 7) await this.#session(own, turn);
      else {
        own = await this.#register(`writer-${writer}-${turn}`);
        await this.#knowledge(own, chance, turn);
        await this.#token(`token-${turn}`);
      }
    }
  }

  async #register(project: string): Promise<Own> {
    const name = JSON.stringify({ machine: "busy", tool: "codex", project });
    const json = { "content-type": "application/json" };
    const registered = await this.#request("workspaces", {
      method: "POST",
      body: name,
      headers: json,
      token: SYNC_TOKEN,
    });
    const { workspace_id: id, write_token: writeToken = "" } = SyncRegistration.parse(
      await registered.json(),
    );
    const bound = await this.#request("workspaces", { method: "POST", body: name, headers: json });
    const { binding } = Binding.parse(await bound.json());
    this.acked.push({
      what: `workspace ${id}`,
      isIn: async (server) => (await get(server, `workspaces/${id}`)).ok,
    });
    return { id, writeToken, binding };
  }

  async #knowledge({ id, writeToken, binding }: Own, chance: Random, turn: number): Promise<void> {
    const path = `workspaces/${id}/knowledge/${chance.integer(0, 3) === 0 ? `new/${turn}` : `over/${turn % FILES}`}.md`;
    const body = `# ${path} ${turn}\n${chance.text(chance.integer(10, 20_000))}\n`;
    const headers = { "x-workspace-token": writeToken };
    const answer = await this.#request(path, { method: "PUT", body, headers, token: SYNC_TOKEN });
    const { version } = z.object({ version: z.int() }).parse(await answer.json());
    this.acked.push({
      what: `${path} version ${version}`,
      isIn: (server) => isVersion(server, { path, version, body }),
    });
    if (turn % 7 !== 3) return;
    await this.#request(path, { method: "DELETE", headers: { "x-workspace-binding": binding } });
    this.acked.push({
      what: `${path} deleted after version ${version}`,
      isIn: async (server) => {
        const { status, headers: said } = await get(server, path);
        return status === 404 || Number(said.get("x-version")) > version;
      },
    });
  }

  /** Made in the first round, then renamed in each: whoever looks finds it at one of its two addresses. */
  async #memory({ id, binding }: Own, turn: number): Promise<void> {
    const [number, round] = [turn % FILES, Math.floor(turn / FILES)];
    const places = [`a/${number}.md`, `z/${number}.md`];
    const [to = "", from = ""] = round % 2 === 0 ? places : places.toReversed();
    const body = `# Memory ${number}\n`;
    const [old_path, path] = [`/memories/${from}`, `/memories/${to}`];
    const command =
      round === 0
        ? { command: "create", path, file_text: body }
        : { command: "rename", old_path, new_path: path };
    const mcp = new RawMcp(`${this.#url}/mcp`, { token: AI_TOKEN, era: "modern" });
    const answer = await mcp.callTool({ name: "memory_20250818", arguments: { ...command, binding } });
    if (answer["isError"] === true) throw new Error(JSON.stringify(answer));
    const isIn: Acked["isIn"] = async (server) => {
      for (const place of places) {
        const found = await get(server, `workspaces/${id}/memories/${place}`);
        if ((await found.text()) === body) return true;
      }
      return false;
    };
    this.acked.push({ what: `${path} of ${id} in round ${round}`, isIn });
  }

  /** One that grows, a new one, and one with the same bytes, in turn. */
  async #session({ id, writeToken }: Own, turn: number): Promise<void> {
    const round = Math.floor(turn / 3);
    const [session, bytes] = [
      [`grows-${round % 4}`, lines(20 + round, 1000 * (round % 4))] as const,
      [`new-${round}`, lines(12, 100_000 + 50 * round)] as const,
      [`alias-${round}`, lines(12, 100_000 + 50 * round)] as const,
    ][turn % 3] ?? ["", Buffer.alloc(0)];
    const path = `workspaces/${id}/sessions/${session}`;
    const headers = { "x-workspace-token": writeToken };
    await this.#request(path, { method: "PUT", body: new Uint8Array(bytes), headers, token: SYNC_TOKEN });
    const isIn: Acked["isIn"] = async (server) => {
      const answer = await get(server, path, SYNC_TOKEN);
      const present = Buffer.from(await answer.arrayBuffer());
      return answer.ok && present.subarray(0, bytes.length).equals(bytes);
    };
    this.acked.push({ what: `${path} ${bytes.length} bytes`, isIn });
  }

  async #token(name: string): Promise<void> {
    const body = JSON.stringify({ name, role: "ai", workspaces: ["busy-*"] });
    const headers = { "content-type": "application/json" };
    const made = await this.#request("admin/tokens", {
      method: "POST",
      body,
      headers,
      token: this.#adminToken,
    });
    const { secret } = Made.parse(await made.json());
    this.acked.push({
      what: `token ${name}`,
      isIn: async (server) => (await get(server, "whoami", secret)).ok,
    });
  }

  async #request(path: string, init: Sent): Promise<Response> {
    const { token = AI_TOKEN, headers, ...rest } = init;
    const authorization = `Bearer ${token}`;
    const answer = await fetch(`${this.#url}/api/v1/${path}`, {
      ...rest,
      headers: { ...headers, authorization },
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }
}

async function isVersion(
  server: { url: string },
  { path, version, body }: { path: string; version: number; body: string },
): Promise<boolean> {
  const answer = await get(server, `${path}?version=${version}`);
  if (!answer.ok || sha256(Buffer.from(await answer.arrayBuffer())) !== sha256(body)) return false;
  // As of the time that it says it was written, or a later version's of the same moment.
  const time = new Date(answer.headers.get("last-modified") ?? "").getTime() + 1000;
  const then = await get(server, `${path}?as_of=${new Date(time).toISOString()}`);
  await then.arrayBuffer();
  return then.status === 404 || Number(then.headers.get("x-version")) >= version;
}

function get(server: { url: string }, path: string, token = AI_TOKEN): Promise<Response> {
  return fetch(`${server.url}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } });
}
