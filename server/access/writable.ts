import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import type {
  KnowledgeDeleted,
  KnowledgeWritten,
  OverviewWritten,
  SessionWritten,
} from "../../contract/wire.ts";
import { failureOf } from "../observe/failure.ts";
import type { Identity } from "../workspaces/workspace.ts";
import { ByteMeter } from "./byte-meter.ts";
import type { Domain } from "./domain.ts";
import type { OwnWorkspace, SessionUpload, UploadWorkspace } from "./workspace.ts";

/** The workspace an AI has proved to be its own: it may write its overview and delete its knowledge. */
export class OpenedAsOwn implements OwnWorkspace {
  readonly id: string;
  readonly #domain: Domain;

  constructor(domain: Domain, workspace: Identity) {
    this.id = workspace.id;
    this.#domain = domain;
  }

  async writeOverview(content: string, expectedSha256?: string): Promise<OverviewWritten> {
    if (!content.isWellFormed()) throw new AppError("invalid_input", "content: not valid Unicode");
    const bytes = Buffer.from(content);
    if (bytes.length > LIMITS.overview.fileBytes)
      throw new AppError("too_large", `content: an overview is at most ${LIMITS.overview.fileBytes} bytes`);
    return this.#domain.knowledge.writeOverview(this.id, bytes, expectedSha256);
  }

  deleteKnowledge(path: string, expectedSha256?: string): Promise<KnowledgeDeleted> {
    return this.#domain.knowledge.delete(this.id, path, expectedSha256);
  }
}

type UploadDomain = Pick<Domain, "knowledge" | "sessions" | "uploads" | "metrics">;

/** A workspace opened with its write token: knowledge and session archives may be uploaded. */
export class OpenedForUpload implements UploadWorkspace {
  readonly id: string;
  readonly #domain: UploadDomain;

  constructor(domain: UploadDomain, workspace: Pick<Identity, "id">) {
    this.id = workspace.id;
    this.#domain = domain;
  }

  async uploadKnowledge(path: string, content: Buffer, expectedSha256?: string): Promise<KnowledgeWritten> {
    const { knowledge, metrics } = this.#domain;
    const ended = { kind: "knowledge", bytes: content.length } as const;
    try {
      const written = await knowledge.write(this.id, path, content, expectedSha256);
      metrics.uploaded({ ...ended, status: written.status });
      return written;
    } catch (error) {
      metrics.uploaded({ ...ended, status: failureOf(error) });
      throw error;
    }
  }

  /** Nothing of the source is asked for before the upload is admitted. Throws `unavailable` when too many wait. */
  async uploadSession(upload: SessionUpload): Promise<SessionWritten> {
    const { uploads, sessions, metrics } = this.#domain;
    const { signal } = upload;
    const meter = new ByteMeter(upload.source);
    let isAdmitted = false;
    try {
      using _slot = await uploads.acquire(signal);
      isAdmitted = true;
      const written = await sessions.upload(this.id, { ...upload, source: meter.passed() });
      metrics.uploaded({ kind: "session", bytes: meter.bytes, status: written.status });
      return written;
    } catch (error) {
      const status = failureOf(error, { signal, isAdmitted });
      metrics.uploaded({ kind: "session", bytes: meter.bytes, status });
      throw error;
    }
  }
}
