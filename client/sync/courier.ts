import { LIMITS } from "../../contract/limits.ts";
import type { Manifest } from "../../contract/manifest.ts";
import type { Transcript } from "../archive/find.ts";
import { workspaceFor } from "../archive/workspace.ts";
import type { TrackedFile } from "../manifest/tracked-files.ts";
import type { Feeder } from "../remote/feeder.ts";
import { sendKnowledge, sendSession, type Sent } from "./send.ts";
import type { KnownFile, SyncState } from "./state.ts";
import type { OwnWorkspaces } from "./workspaces.ts";

/** Brings single files to the server, into the workspace they belong to, and remembers what arrived. */
export class Courier {
  readonly #feeder: Feeder;
  readonly #state: SyncState;
  readonly #workspaces: OwnWorkspaces;
  readonly #manifests: readonly Manifest[];
  readonly #machine: string;
  readonly #userHome: string;
  #unsaved = 0;

  constructor(options: {
    feeder: Feeder;
    state: SyncState;
    workspaces: OwnWorkspaces;
    manifests: readonly Manifest[];
    machine: string;
    userHome: string;
  }) {
    this.#feeder = options.feeder;
    this.#state = options.state;
    this.#workspaces = options.workspaces;
    this.#manifests = options.manifests;
    this.#machine = options.machine;
    this.#userHome = options.userHome;
  }

  /** `known`: what the server is believed to hold; equal bytes are then not sent. */
  async knowledge(file: TrackedFile, known?: KnownFile): Promise<Sent> {
    const seenMs = Date.now();
    const sent = await sendKnowledge(this.#feeder, () => this.#workspaceOf(file), file, known);
    this.#state.rememberKnowledge(file, sent.sha256, seenMs);
    await this.#save();
    return sent;
  }

  async session(transcript: Transcript, known?: KnownFile): Promise<Sent> {
    const seenMs = Date.now();
    const context = { manifests: this.#manifests, machine: this.#machine, userHome: this.#userHome };
    const workspace = async () => this.#workspaces.open(await workspaceFor(transcript, context));
    const sent = await sendSession(this.#feeder, workspace, transcript, known);
    this.#state.rememberSession(transcript, sent.sha256, seenMs);
    await this.#save();
    return sent;
  }

  async #workspaceOf({ workspaceId }: TrackedFile) {
    const manifest = this.#manifests.find((candidate) => candidate.workspace_id === workspaceId);
    if (manifest === undefined) throw new Error("a tracked file without its manifest");
    return this.#workspaces.open(manifest);
  }

  async #save(): Promise<void> {
    this.#unsaved = (this.#unsaved + 1) % LIMITS.client.unsavedFiles;
    if (this.#unsaved === 0) await this.#state.save();
  }
}
