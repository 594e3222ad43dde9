import { AppError } from "../../contract/errors.ts";
import { slugify, workspaceIdOf } from "../../contract/names.ts";
import type { WorkspaceName } from "../../contract/wire.ts";
import { keepWriteToken, offeredToken, withdrawOffer, type Credentials } from "../credentials.ts";
import type { Home } from "../home/home.ts";
import { RemoteError } from "../remote/remote-error.ts";
import type { Feeder } from "../remote/feeder.ts";
import type { SyncState } from "./state.ts";

/** A workspace this machine may upload into. */
export interface OwnWorkspace {
  workspaceId: string;
  writeToken: string;
}

/** Finds the write token of a workspace, registering the workspace when this machine has none. Asks once per run. */
export class OwnWorkspaces {
  readonly #home: Home;
  readonly #feeder: Feeder;
  readonly #state: SyncState;
  readonly #writeTokens: Map<string, string>;
  readonly #recheck: boolean;
  readonly #asked = new Map<string, Promise<OwnWorkspace>>();

  /** `recheck`: ask the server also of workspaces whose write token is known; it may have been restored from before. */
  constructor(options: {
    home: Home;
    feeder: Feeder;
    state: SyncState;
    credentials: Credentials;
    recheck: boolean;
  }) {
    this.#home = options.home;
    this.#feeder = options.feeder;
    this.#state = options.state;
    this.#recheck = options.recheck;
    this.#writeTokens = new Map(Object.entries(options.credentials.write_tokens));
  }

  /** Throws `conflict` when the workspace is registered elsewhere and this machine lacks its write token. */
  async open(name: WorkspaceName & { workspace_id?: string }): Promise<OwnWorkspace> {
    const key = [name.machine, name.tool, name.project].map(slugify).join("\0");
    const expected = name.workspace_id ?? this.#state.workspaceId(key);
    const writeToken = expected === undefined ? undefined : this.#writeTokens.get(expected);
    if (expected !== undefined && writeToken !== undefined && !this.#recheck)
      return { workspaceId: expected, writeToken };
    const asked = this.#asked.get(key) ?? this.#register(key, name);
    this.#asked.set(key, asked);
    const opened = await asked;
    if (name.workspace_id === undefined || name.workspace_id === opened.workspaceId) return opened;
    throw new AppError(
      "conflict",
      `The manifest says workspace_id "${name.workspace_id}", but the server calls this workspace "${opened.workspaceId}"`,
      { hint: "Correct machine, tool, project or workspace_id in the manifest" },
    );
  }

  async #register(key: string, { machine, tool, project }: WorkspaceName): Promise<OwnWorkspace> {
    const likely = workspaceIdOf({ machine, tool, project });
    const proof = this.#writeTokens.get(likely) ?? (await offeredToken(this.#home, likely));
    const answer = await this.#ask({ machine, tool, project }, proof);
    // Without one in the answer the workspace had one already, and ours is it.
    const writeToken = answer.write_token ?? proof;
    if (this.#writeTokens.get(answer.workspace_id) !== writeToken)
      await keepWriteToken(this.#home, answer.workspace_id, writeToken);
    this.#writeTokens.set(answer.workspace_id, writeToken);
    this.#state.rememberWorkspace(key, answer.workspace_id);
    return { workspaceId: answer.workspace_id, writeToken };
  }

  async #ask(name: WorkspaceName, writeToken: string) {
    try {
      return await this.#feeder.register(name, { writeToken });
    } catch (error) {
      if (!(error instanceof RemoteError) || error.code !== "conflict") throw error;
      await withdrawOffer(this.#home, workspaceIdOf(name));
      throw new AppError("conflict", error.message, {
        cause: error,
        hint: `${error.hint ?? "An admin can issue a new write token"}; then: memory-sync init-manifest --write-token-file FILE`,
      });
    }
  }
}
