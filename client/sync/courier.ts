import { LIMITS } from "../../contract/limits.ts";
import type { Manifest } from "../../contract/manifest.ts";
import type { Transcript } from "../archive/find.ts";
import { workspaceFor } from "../archive/workspace.ts";
import type { TrackedFile } from "../manifest/tracked-files.ts";
import type { Home } from "../home/home.ts";
import type { RedactionChoice } from "../redact/choice.ts";
import { keepReceipt } from "../redact/receipts.ts";
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
  readonly #home: Home;
  readonly #redaction: RedactionChoice;
  readonly #notes: string[];
  readonly #onShare: ((share: number) => void) | undefined;
  #unsaved = 0;

  constructor(options: {
    feeder: Feeder;
    state: SyncState;
    workspaces: OwnWorkspaces;
    manifests: readonly Manifest[];
    machine: string;
    userHome: string;
    home: Home;
    redaction: RedactionChoice;
    /** Gets what is worth saying of a file that was sent. */
    notes: string[];
    /** Told how much of a session was read to be sent, as `SendChoices` says. */
    onShare?: ((share: number) => void) | undefined;
  }) {
    this.#feeder = options.feeder;
    this.#state = options.state;
    this.#workspaces = options.workspaces;
    this.#manifests = options.manifests;
    this.#machine = options.machine;
    this.#userHome = options.userHome;
    this.#home = options.home;
    this.#redaction = options.redaction;
    this.#notes = options.notes;
    this.#onShare = options.onShare;
  }

  /** `known`: what the server is believed to hold; equal bytes are then not sent. */
  async knowledge(file: TrackedFile, known?: KnownFile): Promise<Sent> {
    const seenMs = Date.now();
    const { workspaceId, upload, path } = file;
    const redactor = this.#redaction.redactorFor(workspaceId);
    const sent = await sendKnowledge(this.#feeder, () => this.#workspaceOf(file), file, { known, redactor });
    this.#receipt(sent, { path, workspace_id: workspaceId, upload });
    this.#state.rememberKnowledge(file, sent.sha256, seenMs);
    await this.#save();
    return sent;
  }

  async session(transcript: Transcript, known?: KnownFile): Promise<Sent> {
    const seenMs = Date.now();
    const { path, sessionId } = transcript;
    const context = { manifests: this.#manifests, machine: this.#machine, userHome: this.#userHome };
    let workspaceId = "";
    const workspace = async () => {
      const own = await this.#workspaces.open(await workspaceFor(transcript, context));
      ({ workspaceId } = own);
      return own;
    };
    const claimed = this.#redaction.isOn ? await workspaceFor(transcript, context) : undefined;
    const redactor = claimed && this.#redaction.redactorFor(claimed.workspace_id);
    const sent = await sendSession(this.#feeder, workspace, transcript, {
      known,
      redactor,
      onShare: this.#onShare,
    });
    this.#receipt(sent, { path, workspace_id: workspaceId, session_id: sessionId });
    // What was left out is looked for again, also when the file stays as it is.
    this.#state.rememberSession(transcript, sent.sha256, sent.leftOut === true ? 0 : seenMs);
    if (sent.leftOut === true)
      this.#notes.push(`${path}: its last line is not whole yet; it is sent once it is`);
    await this.#save();
    return sent;
  }

  #receipt(
    { status, redacted }: Sent,
    about: { path: string; workspace_id: string; session_id?: string; upload?: string },
  ): void {
    if (status === "unchanged" || redacted === undefined || Object.keys(redacted).length === 0) return;
    keepReceipt(this.#home, { ...about, counts: redacted });
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
