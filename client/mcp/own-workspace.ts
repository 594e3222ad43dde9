import { LIMITS } from "../../contract/limits.ts";
import { slugify, soleWorkspaceOf, workspaceIdOf } from "../../contract/names.ts";
import type { AiRegistration, WhoAmI } from "../../contract/wire.ts";
import { workspaceFor, type TranscriptWorkspace } from "../archive/workspace.ts";
import { describeFailure } from "../format.ts";
import type { Home } from "../home/home.ts";
import { loadManifests } from "../manifest/load.ts";
import type { Registrar } from "../remote/registrar.ts";
import { RemoteError } from "../remote/remote-error.ts";
import type { Binding } from "./exchange.ts";
import { clientNameIn } from "./envelope.ts";
import type { Message } from "./message-lines.ts";

const DEFAULT_TOOL = "claude-code";
/** Tools that call themselves otherwise than their workspaces are called. */
const TOOL_OF_CLIENT: Readonly<Record<string, string>> = { "codex-mcp-client": "codex" };

/** Where the bridge was started, and what its command line said. */
interface Surroundings {
  home: Home;
  userHome: string;
  /** Name of this machine. */
  machine: string;
  /** The folder that is worked in. */
  cwd: string;
  tool: string | undefined;
  project: string | undefined;
}

/**
 * The workspace of the client that is bridged: the one to which the transcripts of its folder go too. It is registered at
 * the first call that writes, and again before its binding ends.
 */
export class OwnWorkspace implements Binding {
  readonly #registrar: Pick<Registrar, "whoAmI" | "register">;
  readonly #surroundings: Surroundings;
  readonly #log: (line: string) => void;
  #clientName: string | undefined;
  #held: Promise<AiRegistration | undefined> | undefined;

  constructor(
    registrar: Pick<Registrar, "whoAmI" | "register">,
    surroundings: Surroundings,
    log: (line: string) => void,
  ) {
    this.#registrar = registrar;
    this.#surroundings = surroundings;
    this.#log = log;
  }

  notice(message: Message): void {
    this.#clientName ??= clientNameIn(message);
  }

  /** Throws RemoteError when the server cannot be asked. */
  async proof(): Promise<string | undefined> {
    const held = await (this.#held ?? this.#register());
    if (held === undefined) return undefined;
    const leftMs = Date.parse(held.expires_at) - Date.now();
    return leftMs > LIMITS.client.bindingRenewMs ? held.binding : this.renew(held.binding);
  }

  async renew(stale: string): Promise<string | undefined> {
    const asked = this.#held;
    const isStale = (await asked)?.binding === stale;
    // Of several calls that were refused at once the first renews it for all.
    const current = isStale && this.#held === asked ? this.#register() : this.#held;
    return (await current)?.binding;
  }

  #register(): Promise<AiRegistration | undefined> {
    const asked = this.#ask();
    this.#held = asked;
    // The caller sees the failure; the next one asks again.
    asked.catch(() => {
      if (this.#held === asked) this.#held = undefined;
    });
    return asked;
  }

  /** Undefined where this token registers nothing: then the server decides what it may write. */
  async #ask(): Promise<AiRegistration | undefined> {
    const workspace = await this.#workspace();
    if (!mayRegister(await this.#registrar.whoAmI(), workspace)) return undefined;
    const { machine, tool, project } = workspace;
    try {
      return await this.#registrar.register({ machine, tool, project });
    } catch (error) {
      if (!(error instanceof RemoteError) || error.kind !== "refused") throw error;
      this.#log(describeFailure(error));
      return undefined;
    }
  }

  async #workspace(): Promise<TranscriptWorkspace> {
    const { home, userHome, machine, cwd, project } = this.#surroundings;
    const tool = this.#tool();
    if (project !== undefined) return { machine, tool, project };
    const { manifests } = await loadManifests(home);
    return workspaceFor({ client: slugify(tool), cwd }, { manifests, machine, userHome });
  }

  #tool(): string {
    const { tool } = this.#surroundings;
    return tool ?? TOOL_OF_CLIENT[this.#clientName ?? ""] ?? DEFAULT_TOOL;
  }
}

/** A token for one workspace alone needs no binding for it, and gets none for another. */
function mayRegister(
  { role, workspaces, writes = workspaces }: WhoAmI,
  { machine, tool, project, workspace_id: id }: TranscriptWorkspace,
): boolean {
  const sole = soleWorkspaceOf(writes);
  return role === "ai" && (sole === undefined || sole === (id ?? workspaceIdOf({ machine, tool, project })));
}
