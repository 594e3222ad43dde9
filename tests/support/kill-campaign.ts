import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SyncRegistration } from "../../contract/wire.ts";
import { random, type Random } from "./random.ts";
import { ServerProcess } from "./server-process.ts";
import { AI_TOKEN, SYNC_TOKEN } from "./server.ts";

const FILES = 6;
const SESSIONS = 4;
const WRITERS = 8;

/** One thing that is written again and again: what was sent, and how far the server acknowledged it. */
interface Track {
  path: string;
  /** Every content that was ever sent, oldest first. */
  sent: Buffer[];
  /** Index in `sent` of the newest content whose answer was seen; -1 before the first. */
  acked: number;
}

/**
 * Kills a server with SIGKILL in the middle of uploads and overwrites, again and again on one MEMORY_ROOT, and
 * after every kill checks the promises: what was acknowledged is there, whole; nothing is torn; the registry can
 * be read; leftovers are gone. Gives the breaches it found, in words.
 */
export class KillCampaign {
  readonly #root: string;
  readonly #random: Random;
  readonly #env: Record<string, string>;
  readonly #files: Track[];
  readonly #sessions: Track[];
  #workspace = { id: "", writeToken: "" };

  constructor(root: string, seed: number, env: Record<string, string> = {}) {
    this.#root = root;
    this.#random = random(seed);
    this.#env = env;
    this.#files = Array.from({ length: FILES }, (_, n) => ({
      path: `knowledge/notes/file-${n}.md`,
      sent: [],
      acked: -1,
    }));
    this.#sessions = Array.from({ length: SESSIONS }, (_, n) => ({
      path: `sessions/session-${n}`,
      sent: [],
      acked: -1,
    }));
  }

  get acknowledged(): number {
    return [...this.#files, ...this.#sessions].reduce((sum, { acked }) => sum + acked + 1, 0);
  }

  /** Starts the server, checks what earlier cycles left, writes for a moment, kills. Gives the breaches found. */
  async cycle(): Promise<string[]> {
    await using server = await ServerProcess.start(this.#root, { LOG_LEVEL: "info", ...this.#env });
    if (this.#workspace.id === "") await this.#register(server);
    const breaches = await this.#breaches(server);
    const stop = { now: false };
    const writers = Array.from({ length: WRITERS }, (_, n) => this.#write(server, n, stop));
    await sleep(this.#random.integer(5, 120));
    const killed = server.stop("SIGKILL");
    stop.now = true;
    await Promise.all([killed, ...writers]);
    return breaches;
  }

  /** A last start without a kill. */
  async finalBreaches(): Promise<string[]> {
    await using server = await ServerProcess.start(this.#root, { LOG_LEVEL: "info", ...this.#env });
    return await this.#breaches(server);
  }

  async #register(server: ServerProcess): Promise<void> {
    const body = JSON.stringify({ machine: "kill", tool: "codex", project: "campaign" });
    const answer = await this.#request(server, "POST", "", body, { "content-type": "application/json" });
    const { workspace_id: id, write_token: writeToken = "" } = SyncRegistration.parse(await answer.json());
    this.#workspace = { id, writeToken };
  }

  /** Each writer has its own things to write, so that what was sent last is known. */
  async #write(server: ServerProcess, writer: number, stop: { now: boolean }): Promise<void> {
    const own = [...this.#files, ...this.#sessions].filter((_, index) => index % WRITERS === writer);
    for (let turn = 0; !stop.now; turn += 1) {
      const track = own[turn % own.length];
      if (track === undefined) return;
      const content = track.path.startsWith("sessions/") ? this.#grown(track) : this.#document(track);
      const index = track.sent.push(content) - 1;
      try {
        const answer = await this.#request(server, "PUT", track.path, content, {
          "x-workspace-token": this.#workspace.writeToken,
        });
        await answer.arrayBuffer();
        if (answer.ok) track.acked = index;
      } catch {
        // The server was killed before it answered: nothing was acknowledged.
        return;
      }
    }
  }

  #document(track: Track): Buffer {
    const filler = this.#random.text(this.#random.integer(10, 60_000));
    return Buffer.from(`# ${track.path} ${track.sent.length}\n${filler}\nend of ${track.sent.length}\n`);
  }

  /** A transcript only grows: the acknowledged content, and one more line. */
  #grown(track: Track): Buffer {
    const before = track.sent[track.acked] ?? Buffer.alloc(0);
    const text = this.#random.text(this.#random.integer(10, 200_000));
    const line = {
      type: "user",
      timestamp: "2026-11-21T08:00:00.000Z",
      message: { role: "user", content: text },
    };
    return Buffer.concat([before, Buffer.from(`${JSON.stringify(line)}\n`)]);
  }

  async #breaches(server: ServerProcess): Promise<string[]> {
    const found = await Promise.all(
      [...this.#files, ...this.#sessions].map((track) => this.#breachOf(server, track)),
    );
    return [...found.flat(), ...(await this.#diskBreaches())];
  }

  async #breachOf(server: ServerProcess, track: Track): Promise<string[]> {
    const answer = await this.#request(server, "GET", track.path, undefined, {}, SYNC_TOKEN);
    const stored = Buffer.from(await answer.arrayBuffer());
    if (answer.status === 404) return track.acked === -1 ? [] : [`${track.path}: acknowledged and gone`];
    if (!answer.ok)
      return [`${track.path}: answered ${answer.status} ${stored.toString("utf8").slice(0, 200)}`];
    const index = track.sent.findLastIndex((content) => content.equals(stored));
    if (index === -1) return [`${track.path}: torn, ${stored.length} bytes, ${digest(stored)}`];
    if (index < track.acked)
      return [`${track.path}: content ${index} is back although ${track.acked} was acknowledged`];
    // What came through without an answer seen is now known to be there.
    track.acked = index;
    return this.#versionBreaches(server, track);
  }

  /** Every acknowledged overwrite kept what it replaced: all versions are readable and were once sent. */
  async #versionBreaches(server: ServerProcess, track: Track): Promise<string[]> {
    if (track.path.startsWith("sessions/")) return [];
    const latest = await this.#request(server, "HEAD", track.path);
    const newest = Number(latest.headers.get("x-version"));
    const version = this.#random.integer(Math.max(1, newest - 5), newest);
    const answer = await this.#request(server, "GET", `${track.path}?version=${version}`);
    const kept = Buffer.from(await answer.arrayBuffer());
    return answer.ok && track.sent.some((content) => content.equals(kept))
      ? []
      : [`${track.path}: version ${version} is lost or torn`];
  }

  async #diskBreaches(): Promise<string[]> {
    const names = await readdir(this.#root, { recursive: true });
    const temps = names.filter((name) => name.includes("/.tmp-")).map((name) => `left over: ${name}`);
    const registry: unknown = JSON.parse(await readFile(join(this.#root, "_meta/workspaces.json"), "utf8"));
    return JSON.stringify(registry).includes(this.#workspace.id)
      ? temps
      : [...temps, "the registry forgot the workspace"];
  }

  #request(
    server: ServerProcess,
    method: string,
    path: string,
    body?: string | Buffer,
    headers: Record<string, string> = {},
    token = method === "GET" || method === "HEAD" ? AI_TOKEN : SYNC_TOKEN,
  ): Promise<Response> {
    const place = path === "" ? "" : `/${this.#workspace.id}/${path}`;
    return fetch(`${server.url}/api/v1/workspaces${place}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : new Uint8Array(body) }),
    });
  }
}

function digest(data: Buffer): string {
  return createHash("sha256").update(data).digest("hex").slice(0, 12);
}
