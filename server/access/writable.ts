import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import type {
  KnowledgeDeleted,
  KnowledgeWritten,
  OverviewWritten,
  SessionWritten,
} from "../../contract/wire.ts";
import type { Identity } from "../workspaces/workspace.ts";
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

type UploadDomain = Pick<Domain, "knowledge" | "sessions" | "uploads">;

/** A workspace opened with its write token: knowledge and session archives may be uploaded. */
export class OpenedForUpload implements UploadWorkspace {
  readonly id: string;
  readonly #domain: UploadDomain;

  constructor(domain: UploadDomain, workspace: Pick<Identity, "id">) {
    this.id = workspace.id;
    this.#domain = domain;
  }

  uploadKnowledge(path: string, content: Buffer, expectedSha256?: string): Promise<KnowledgeWritten> {
    return this.#domain.knowledge.write(this.id, path, content, expectedSha256);
  }

  /** Nothing of the source is asked for before the upload is admitted. Throws `unavailable` when too many wait. */
  async uploadSession(upload: SessionUpload): Promise<SessionWritten> {
    using _slot = await this.#domain.uploads.acquire(upload.signal);
    return await this.#domain.sessions.upload(this.id, upload);
  }
}
