import { randomBytes } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import { byteLength, foldCase, slugify, workspaceIdOf } from "../../contract/names.ts";
import { LIMITS } from "../../contract/limits.ts";
import { SECRET_PREFIXES } from "../../contract/secrets.ts";
import type { WorkspaceName } from "../../contract/wire.ts";
import { sha256 } from "../../disk/digest.ts";
import { Folder } from "../../disk/folder.ts";
import { readJson, setAside, writeJson, writeJsonGeneration } from "../storage/json-file.ts";
import { LAYOUT } from "../storage/layout.ts";
import { removeTemps } from "../storage/leftovers.ts";
import { KeyedMutex } from "../storage/mutex.ts";
import type { WriteGuard } from "../storage/write-guard.ts";
import { readIdentities } from "./identities.ts";
import type { Identity } from "./workspace.ts";

const CHANGE = "registry";
const COLLISION_DIGITS = 6;

/** `_meta/workspaces.json`, for people and scripts: the identities without what is secret. */
const RegistryFile = z.object({
  workspaces: z.array(
    z.object({
      id: z.string(),
      machine: z.string(),
      tool: z.string(),
      project: z.string(),
      description: z.string().optional(),
      created_at: z.string(),
    }),
  ),
});
type RegistryFile = z.infer<typeof RegistryFile>;

/**
 * All workspaces. Held in memory; every change is durable before it shows. Which workspace a name means is decided
 * by its three slugs alone, so the spelling of a machine, tool or project does not matter.
 */
export class WorkspaceRegistry {
  /** Ids that cannot be opened or registered because their identity is damaged; its bytes stay where they are. */
  readonly damaged: readonly string[];
  readonly #root: string;
  readonly #guard: WriteGuard;
  readonly #changes = new KeyedMutex();
  readonly #identities = new Map<string, Identity>();
  readonly #idOfKey = new Map<string, string>();
  #sorted: readonly Identity[] | undefined;

  private constructor(root: string, guard: WriteGuard, found: { whole: Identity[]; damaged: string[] }) {
    this.#root = root;
    this.#guard = guard;
    this.damaged = found.damaged;
    for (const identity of found.whole) this.#remember(identity);
  }

  /** Reads all identities and makes the registry file agree with them; a torn one is set aside with its bytes. */
  static async open(root: string, guard: WriteGuard): Promise<WorkspaceRegistry> {
    const registry = new WorkspaceRegistry(root, guard, await readIdentities(root));
    await guard.run(() => registry.#repairFile());
    return registry;
  }

  /** Sorted by id. */
  list(): readonly Identity[] {
    this.#sorted ??= [...this.#identities.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    return this.#sorted;
  }

  get(id: string): Identity | undefined {
    return this.#identities.get(id);
  }

  /**
   * The workspace of this name, made if it is new. A known one stays as it is. `assertAllowed` sees the id before
   * anything is made; what it throws is thrown. Throws `invalid_input`, `damaged`, and
   * `too_large` when the server holds as many workspaces as it may.
   */
  async register(
    name: WorkspaceName,
    description?: string,
    assertAllowed: (id: string) => void = () => {},
  ): Promise<{ identity: Identity; created: boolean }> {
    return this.#changes.run(CHANGE, async () => {
      const known = this.get(this.#idOfKey.get(slugKey(name)) ?? "");
      assertAllowed(known?.id ?? this.#freeId(name));
      if (known !== undefined) return { identity: known, created: false };
      const identity = this.#newIdentity(name, description);
      await this.#guard.write(byteLength(JSON.stringify(identity)), async () => {
        await this.#store(identity);
        await this.#writeFile();
      });
      return { identity, created: true };
    });
  }

  /** A new write token for the workspace, or the one given; every earlier one stops working. Only its hash is kept. Throws `not_found`. */
  async issueWriteToken(id: string, offered?: string): Promise<string> {
    const token = offered ?? `${SECRET_PREFIXES.write}${randomBytes(32).toString("base64url")}`;
    await this.#change(id, (identity) => ({ ...identity, write_token_hash: sha256(token) }));
    return token;
  }

  /** Makes every binding of the workspace void. Throws `not_found`. */
  async bumpEpoch(id: string): Promise<void> {
    await this.#change(id, (identity) => ({ ...identity, epoch: identity.epoch + 1 }));
  }

  async #change(id: string, change: (identity: Identity) => Identity): Promise<void> {
    await this.#changes.run(CHANGE, async () => {
      const identity = this.get(id);
      if (identity === undefined) throw new AppError("not_found", `No such workspace: "${id}"`);
      // Taking rights away must work on a full disk too.
      await this.#guard.run(() => this.#store(change(identity)));
    });
  }

  #newIdentity(name: WorkspaceName, description: string | undefined): Identity {
    if (this.#identities.size + this.damaged.length >= LIMITS.workspaces.count)
      throw new AppError(
        "too_large",
        `The server holds ${LIMITS.workspaces.count} workspaces, the most it may`,
      );
    const about = description === undefined ? undefined : checkedDescription(description);
    return {
      id: this.#freeId(name),
      machine: spelled(name.machine),
      tool: spelled(name.tool),
      project: spelled(name.project),
      ...(about !== undefined && about !== "" && { description: about }),
      created_at: new Date().toISOString(),
      epoch: 0,
    };
  }

  /** The id of the slugs, or with the digest of the triple behind it when another triple has that id. */
  #freeId(name: WorkspaceName): string {
    const plain = workspaceIdOf(name);
    if (this.damaged.includes(plain))
      throw new AppError("damaged", `The identity of workspace "${plain}" on the server is damaged`, {
        hint: `Restore workspaces/${plain}/${LAYOUT.identity} on the server from a backup, then restart it`,
      });
    const taken = new Set([...this.#identities.keys(), ...this.damaged].map(foldCase));
    if (!taken.has(foldCase(plain))) return plain;
    const distinct = `${plain}-${sha256(slugKey(name)).slice(0, COLLISION_DIGITS)}`;
    if (!taken.has(foldCase(distinct))) return distinct;
    throw new AppError("conflict", `The workspace ids "${plain}" and "${distinct}" are both taken`, {
      hint: "Choose another project name",
    });
  }

  async #store(identity: Identity): Promise<void> {
    await using folder = await this.#workspaceFolder(identity.id);
    await writeJson(folder, LAYOUT.identity, identity);
    this.#remember(identity);
  }

  /** Follows the identity, which is the truth: a crash or failure between the two is repaired at the next start. */
  async #writeFile(): Promise<void> {
    await using meta = await this.#meta();
    await writeJsonGeneration(meta, LAYOUT.registry, this.#file());
  }

  #remember(identity: Identity): void {
    this.#identities.set(identity.id, identity);
    this.#idOfKey.set(slugKey(identity), identity.id);
    this.#sorted = undefined;
  }

  async #workspaceFolder(id: string): Promise<Folder> {
    await using workspaces = await Folder.open(join(this.#root, LAYOUT.workspaces));
    return await workspaces.make(id);
  }

  async #repairFile(): Promise<void> {
    await using meta = await this.#meta();
    await removeTemps(meta);
    const found = await readJson(meta, LAYOUT.registry, RegistryFile);
    if (found.state === "whole" && JSON.stringify(found.value) === JSON.stringify(this.#file())) return;
    if (found.state === "damaged") await setAside(meta, LAYOUT.registry);
    await writeJsonGeneration(meta, LAYOUT.registry, this.#file());
  }

  #meta(): Promise<Folder> {
    return Folder.open(join(this.#root, LAYOUT.meta));
  }

  #file(): RegistryFile {
    return RegistryFile.parse({ workspaces: this.list() });
  }
}

/** Two names with the same key mean the same workspace. Slugs never hold a line break. */
function slugKey(name: WorkspaceName): string {
  return [name.machine, name.tool, name.project].map(slugify).join("\n");
}

function spelled(name: string): string {
  return name.normalize("NFC").trim();
}

function checkedDescription(description: string): string {
  const text = description.normalize("NFC").trim();
  if (!description.isWellFormed() || byteLength(text) > LIMITS.workspaces.descriptionBytes)
    throw new AppError(
      "invalid_input",
      `description: at most ${LIMITS.workspaces.descriptionBytes} bytes of valid Unicode`,
    );
  return text;
}
