import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { isMemory, MEMORIES } from "../../contract/memory-prefix.ts";
import { JoinFile } from "../../server/access/joins.ts";
import { TokenFile } from "../../server/access/stored-token.ts";
import { FolderCopy } from "../../server/backup/folder-copy.ts";
import type { Item } from "../../server/backup/item.ts";
import type { Finding } from "../../server/backup/verify/finding.ts";
import { storeFindings } from "../../server/backup/verify/verify.ts";
import { sha256 } from "../../disk/digest.ts";
import { KnowledgeStore } from "../../server/knowledge/store.ts";
import { SessionStore } from "../../server/sessions/store.ts";
import { bindingKey } from "../../server/storage/binding-key.ts";
import { WriteGuard } from "../../server/storage/write-guard.ts";
import { WorkspaceRegistry } from "../../server/workspaces/registry.ts";
import { memoryRoot } from "./memory-root.ts";
import { lines, upload } from "./session-store.ts";

/** What was acknowledged: a content of a knowledge file, a deletion (without digest), or a session's bytes. */
type Acked =
  | { kind: "knowledge"; workspace: string; path: string; version: number; sha256: string | undefined }
  | { kind: "session"; workspace: string; id: string; bytes: Buffer };

/** A store that is written to step by step, and remembers what it acknowledged. */
export class BackupLab implements AsyncDisposable {
  readonly root: string;
  readonly acked: Acked[] = [];
  readonly #registry: WorkspaceRegistry;
  readonly #knowledge: KnowledgeStore;
  readonly #sessions: SessionStore;
  readonly #closing: AsyncDisposable;
  #turn = 0;

  private constructor(
    root: { path: string; guard: WriteGuard } & AsyncDisposable,
    registry: WorkspaceRegistry,
  ) {
    this.root = root.path;
    this.#closing = root;
    this.#registry = registry;
    this.#knowledge = new KnowledgeStore(root.path, root.guard);
    this.#sessions = new SessionStore(root.path, root.guard);
  }

  /** With a bit of everything in it. */
  static async open(): Promise<BackupLab> {
    const root = await memoryRoot();
    await bindingKey(root.path);
    const lab = new BackupLab(root, await WorkspaceRegistry.open(root.path, root.guard));
    await lab.register("first");
    for (let turn = 0; turn < 2 * STEPS.length; turn += 1) await lab.step();
    return lab;
  }

  /** The next of all kinds of changes, each time another. */
  async step(): Promise<void> {
    const turn = this.#turn++;
    await STEPS[turn % STEPS.length]?.(this, turn);
  }

  async register(project: string): Promise<string> {
    const { identity } = await this.#registry.register({ machine: "laptop", tool: "codex", project });
    return identity.id;
  }

  async write(workspace: string, path: string, text: string): Promise<void> {
    if (isMemory(path)) await this.#writeMemory(workspace, path, Buffer.from(text));
    else await this.#knowledge.write(workspace, path, Buffer.from(text));
    const { version } = await this.#knowledge.read(workspace, path);
    this.acked.push({ kind: "knowledge", workspace, path, version, sha256: sha256(text) });
  }

  async remove(workspace: string, path: string): Promise<void> {
    const { version: kept } = await this.#knowledge.read(workspace, path);
    if (isMemory(path)) await this.#knowledge.memories(workspace).remove(path.slice(MEMORIES.length));
    else await this.#knowledge.delete(workspace, path);
    this.acked.push({ kind: "knowledge", workspace, path, version: kept + 1, sha256: undefined });
  }

  async #writeMemory(workspace: string, path: string, bytes: Buffer): Promise<void> {
    const memories = this.#knowledge.memories(workspace);
    const name = path.slice(MEMORIES.length);
    const present = await memories.read(name);
    if (present === undefined) await memories.create(name, bytes);
    else await memories.replace(name, bytes, present.sha256);
  }

  async session(workspace: string, id: string, bytes: Buffer): Promise<void> {
    await this.#sessions.upload(workspace, upload(id, bytes));
    this.acked.push({ kind: "session", workspace, id, bytes });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing[Symbol.asyncDispose]();
  }
}

const FIRST = "laptop-codex-first";

/** An original and its alias sort one way in one round and the other way in the next. */
const side = (turn: number) => (Math.floor(turn / STEPS.length) % 2 === 0 ? "a" : "z");

/** Session ids sort differently than they are made, so that some come early in a walk and some late. */
const STEPS: readonly ((lab: BackupLab, turn: number) => Promise<void>)[] = [
  (lab, turn) => lab.write(FIRST, "a/over.md", `# Over ${turn}\n`),
  (lab, turn) => lab.write(FIRST, `new/file-${turn}.md`, `# New ${turn}\n`),
  (lab, turn) => lab.session(FIRST, "grows", lines(10 + turn)),
  (lab, turn) => lab.session(FIRST, `${side(turn)}-original-${turn}`, lines(5, 10_000 * turn)),
  (lab, turn) =>
    lab.session(FIRST, `${side(turn + STEPS.length)}-alias-${turn}`, lines(5, 10_000 * (turn - 1))),
  (lab, turn) => lab.write(FIRST, "z/over.md", `# Over ${turn}\n`),
  (lab, turn) => lab.write(FIRST, "/memories/a/over.md", `# Over ${turn}\n`),
  (lab, turn) => lab.write(FIRST, `/memories/new-${turn}.md`, `# New ${turn}\n`),
  (lab, turn) => lab.write(FIRST, "/memories/z/gone.md", `# Soon gone ${turn}\n`),
  (lab) => lab.remove(FIRST, "/memories/z/gone.md"),
  (lab, turn) => lab.write(FIRST, "z/gone.md", `# Soon gone ${turn}\n`),
  (lab) => lab.remove(FIRST, "z/gone.md"),
  (lab, turn) =>
    lab.session(FIRST, `${side(turn + STEPS.length)}-alias-${turn - 4}`, lines(9, 10_000 * (turn - 5))),
  async (lab, turn) => lab.write(await lab.register(`later-${turn}`), "note.md", `# Later ${turn}\n`),
];

/** Copies what `items` gives into a folder, and does something after one of them. */
export async function copied(
  items: AsyncIterable<Item> | Iterable<Item>,
  into: string,
  during: { after: number; act: () => Promise<void> },
): Promise<{ count: number }> {
  const copy = new FolderCopy(into);
  let count = 0;
  for await (const item of items) {
    await copy.put(item);
    if (count++ === during.after) await during.act();
  }
  await copy.finish();
  return { count };
}

/** What of a store's findings is not just behind: the registry is, when a workspace came while it was copied. */
export async function damageIn(root: string): Promise<Finding[]> {
  const findings = await storeFindings(root, { tokens: TokenFile, joins: JoinFile });
  return findings.filter(({ id }) => id !== "registry.behind");
}

/** What was acknowledged and is not there as it was, in words. */
export async function lost(root: string, acked: readonly Acked[]): Promise<string[]> {
  const guard = new WriteGuard(root);
  const knowledge = new KnowledgeStore(root, guard);
  const sessions = new SessionStore(root, guard);
  const found: string[] = [];
  for (const ack of acked) {
    const fault = await (
      ack.kind === "session" ? sessionFault(sessions, ack) : knowledgeFault(knowledge, ack)
    ).catch(String);
    if (fault !== undefined) found.push(fault);
  }
  return found;
}

async function sessionFault(
  sessions: SessionStore,
  { workspace, id, bytes }: Extract<Acked, { kind: "session" }>,
): Promise<string | undefined> {
  const opened = await sessions.open(workspace, id, { gzip: false, mask: false });
  const present = await buffer((await opened.stream()).stream);
  return present.subarray(0, bytes.length).equals(bytes) ? undefined : `${id}: other bytes`;
}

async function knowledgeFault(
  knowledge: KnowledgeStore,
  { workspace, path, version, sha256: digest }: Extract<Acked, { kind: "knowledge" }>,
): Promise<string | undefined> {
  if (digest !== undefined) {
    const kept = await knowledge.read(workspace, path, { version });
    if (kept.sha256 !== digest) return `${path}: version ${version} has other bytes`;
  }
  const now = await knowledge.read(workspace, path).catch(() => undefined);
  if (now === undefined) return undefined;
  if (now.version < version) return `${path}: version ${now.version} is current, ${version} was acknowledged`;
  return undefined;
}

/** Path of a file of a workspace of the lab. */
export function inFirst(root: string, ...names: string[]): string {
  return join(root, "workspaces", FIRST, ...names);
}
