import { mkdir, readdir, rename, rm, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AiRegistration } from "../../contract/wire.ts";
import type { Random } from "./random.ts";
import { RawMcp } from "./raw-mcp.ts";
import type { TestServer } from "./server.ts";

const PATHS = [
  "plan.md",
  "notes/redis.md",
  "notes/login.md",
  "deep/a/b/c.md",
  "中文/笔记.md",
  "notes/old.md",
];
/** Where people find them; memories they change too. */
const MEMORIES = ["notes.md", "a/b/plan.md", "z.md"];
const PLACES = [...PATHS.map((path) => `knowledge/${path}`), ...MEMORIES.map((path) => `memories/${path}`)];
const SESSIONS = ["s-one", "s-two", "s-three"];
const WORDS =
  "redis timeout login writeToken E1234_TIMEOUT flaky deploy 索引引擎 缓存 cron migration docker cafés config.yaml rollback".split(
    " ",
  );
const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 0, 1);

/** A transcript as it was last sent, so that it can grow or be rewritten. */
interface Sent {
  id: string;
  text: string;
}

/**
 * One workspace with a random past: files written, changed by hand, moved and deleted; sessions uploaded, appended to,
 * rewritten and removed. What is done depends on the chance alone, so a seed tells the whole story.
 */
export class History {
  readonly #random: Random;
  readonly #name: string;
  readonly #sent = new Map<string, Sent>();
  #id = "";
  #writeToken = "";
  #binding = "";

  constructor(name: string, random: Random) {
    this.#name = name;
    this.#random = random;
  }

  get workspaceId(): string {
    return this.#id;
  }

  async begin(server: TestServer): Promise<void> {
    const name = { machine: this.#name, tool: "codex", project: "history" };
    const { id, writeToken } = await server.register(name);
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify(name);
    const answer = await server.api("workspaces", { method: "POST", body, headers });
    this.#id = id;
    this.#writeToken = writeToken;
    this.#binding = AiRegistration.parse(await answer.json()).binding;
  }

  /** One random step through the server. */
  async step(server: TestServer): Promise<void> {
    const path = this.#one(PATHS);
    const id = this.#one(SESSIONS);
    const steps = [
      () => this.#put(server, `knowledge/${path}`, this.#document()),
      () => this.#put(server, `knowledge/${path}`, this.#document()),
      () => this.#delete(server, path),
      () => this.#remember(server),
      () => this.#upload(server, id),
      () => this.#append(server, id),
      () => this.#rewrite(server, id),
      () => this.stepByHand(server.root),
    ];
    await this.#one(steps)();
  }

  /** One random step on the files, as a person or a backup does it, whether a server runs or not. */
  async stepByHand(root: string): Promise<void> {
    const folder = join(root, "workspaces", this.#id);
    const [from, to] = [join(folder, this.#one(PLACES)), join(folder, this.#one(PLACES))];
    const moved = `moved-${this.#random.integer(1, 99)}`;
    const steps = [
      () => written(to, this.#document()),
      () => written(to, this.#document()),
      () => unlink(from),
      () => mkdir(dirname(to), { recursive: true }).then(() => rename(from, to)),
      () => rename(join(folder, "knowledge/notes"), join(folder, "knowledge", moved)),
      () => rename(join(folder, "memories/a"), join(folder, "memories", moved)),
      () => this.#removeSession(root),
    ];
    await this.#one(steps)().catch(unlessThere);
  }

  /** Addresses of searches that tell what the workspace holds. */
  questions(): string[] {
    const word = encodeURIComponent(this.#one(WORDS));
    const pair = encodeURIComponent(`${this.#one(WORDS)} ${this.#one(WORDS)}`);
    const here = `workspace_id=${this.#id}&limit=50`;
    const expression = encodeURIComponent("(?i)(time|log|缓)[a-z存]+");
    const kind = this.#one(["knowledge", "sessions"]);
    return [
      `search/knowledge?${here}&query=${pair}`,
      `search/sessions?${here}&query=${pair}`,
      `search/${kind}?${here}&mode=literal&query=${word}`,
      // Each starts a process, so not every history asks for one.
      ...(this.#random.next() < 0.2 ? [`search/${kind}?${here}&mode=regex&query=${expression}`] : []),
    ];
  }

  async #put(server: TestServer, place: string, body: string): Promise<void> {
    await this.#call(server, place, "PUT", { body, headers: { "x-workspace-token": this.#writeToken } });
  }

  async #delete(server: TestServer, path: string): Promise<void> {
    const headers = { "x-workspace-binding": this.#binding };
    await this.#call(server, `knowledge/${path}`, "DELETE", { headers, token: server.tokens.ai });
  }

  /** A memory is made, moved or deleted; a refusal is part of a history here too. */
  async #remember({ url, tokens }: TestServer): Promise<void> {
    const [path, other] = [`/memories/${this.#one(MEMORIES)}`, `/memories/${this.#one(MEMORIES)}`];
    const command = this.#one([
      { command: "create", path, file_text: this.#document() },
      { command: "create", path, file_text: this.#document() },
      { command: "rename", old_path: path, new_path: other },
      { command: "delete", path: other },
    ]);
    const mcp = new RawMcp(`${url}/mcp`, { token: tokens.ai, era: "modern" });
    await mcp.callTool({ name: "memory_20250818", arguments: { ...command, binding: this.#binding } });
  }

  async #upload(server: TestServer, name: string): Promise<void> {
    const known = this.#sent.get(name);
    const sent = { id: known?.id ?? name, text: `${known?.text ?? ""}${this.#turns()}` };
    this.#sent.set(name, sent);
    await this.#put(server, `sessions/${sent.id}`, sent.text);
  }

  async #append(server: TestServer, name: string): Promise<void> {
    const known = this.#sent.get(name);
    if (known === undefined) {
      await this.#upload(server, name);
      return;
    }
    const tail = this.#turns();
    const headers = {
      "x-workspace-token": this.#writeToken,
      "upload-offset": String(Buffer.byteLength(known.text)),
    };
    this.#sent.set(name, { ...known, text: `${known.text}${tail}` });
    await this.#call(server, `sessions/${known.id}`, "PATCH", { body: tail, headers });
  }

  async #rewrite(server: TestServer, name: string): Promise<void> {
    const sent = { id: this.#sent.get(name)?.id ?? name, text: this.#turns() };
    this.#sent.set(name, sent);
    await this.#put(server, `sessions/${sent.id}`, sent.text);
  }

  async #removeSession(root: string): Promise<void> {
    const folder = join(root, "workspaces", this.#id, "sessions");
    const names = await readdir(folder, { recursive: true });
    const archives = names.filter((name) => name.endsWith(".jsonl.gz")).sort();
    if (archives.length === 0) return;
    const base = join(folder, this.#one(archives).replace(/\.jsonl\.gz$/, ""));
    await rm(`${base}.jsonl.gz`);
    await rm(`${base}.json`);
    // What was sent is gone: the next upload of it has to be whole.
    this.#sent.clear();
  }

  /** A refusal (a file that is not there, a tail that does not fit) is part of a history; a failure of the server is none. */
  async #call(
    server: TestServer,
    place: string,
    method: string,
    init: RequestInit & { token?: string },
  ): Promise<void> {
    const address = `workspaces/${this.#id}/${place.split("/").map(encodeURIComponent).join("/")}`;
    const answer = await server.api(address, { method, token: server.tokens.sync, ...init });
    const text = await answer.text();
    if (answer.status >= 500) throw new Error(`${method} ${place}: ${answer.status} ${text}`);
  }

  #document(): string {
    return `# ${this.#one(WORDS)}\n\n${this.#sentence()}\n\n## ${this.#one(WORDS)}\n${this.#sentence()}\n`;
  }

  #turns(): string {
    const count = this.#random.integer(1, 4);
    return Array.from({ length: count }, () => this.#turn()).join("");
  }

  #turn(): string {
    const role = this.#one(["user", "assistant"]);
    const content = role === "user" ? this.#sentence() : [{ type: "text", text: this.#sentence() }];
    const timestamp = new Date(START_MS + this.#random.integer(0, 300) * DAY_MS).toISOString();
    return `${JSON.stringify({ type: role, timestamp, message: { role, content } })}\n`;
  }

  #sentence(): string {
    const known = Array.from({ length: this.#random.integer(1, 6) }, () => this.#one(WORDS));
    return `${known.join(" ")} ${this.#random.text(40)}`;
  }

  #one<T>(choices: readonly T[]): T {
    const choice = choices[this.#random.integer(0, choices.length - 1)];
    if (choice === undefined) throw new Error("nothing to choose from");
    return choice;
  }
}

async function written(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** A step on something that is not there, or not of that kind, is no step. */
function unlessThere(error: NodeJS.ErrnoException): void {
  if (!["ENOENT", "ENOTEMPTY", "EEXIST", "EISDIR", "ENOTDIR", "EPERM"].includes(error.code ?? ""))
    throw error;
}
