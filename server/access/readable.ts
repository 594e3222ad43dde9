import { AppError } from "../../contract/errors.ts";
import { knowledgeAnchor, overviewAnchor } from "../../contract/anchor.ts";
import { maskSecrets, presentable, presented } from "../../contract/secrets.ts";
import type {
  KnowledgePage,
  SessionEntry,
  SessionLines,
  SessionPage,
  TextLines,
  WorkspaceSummary,
} from "../../contract/wire.ts";
import type { Identity } from "../workspaces/workspace.ts";
import type { Domain } from "./domain.ts";
import { summaryOf } from "./summary.ts";
import { pageOfText } from "./text-page.ts";
import type {
  AtVersion,
  Document,
  KnowledgeFilter,
  ReadableWorkspace,
  SessionBytes,
  SessionFilter,
  TextRange,
} from "./workspace.ts";

/** A workspace opened for reading. Whatever it tells is presentable; `mask`: whole files are for an AI too, so they are masked. */
export class OpenedForReading implements ReadableWorkspace {
  readonly id: string;
  readonly #domain: Domain;
  readonly #workspace: Identity;
  readonly #mask: boolean;

  constructor(domain: Domain, workspace: Identity, options: { mask: boolean }) {
    this.id = workspace.id;
    this.#domain = domain;
    this.#workspace = workspace;
    this.#mask = options.mask;
  }

  async summary(): Promise<WorkspaceSummary> {
    return presented(await summaryOf(this.#domain, this.#workspace));
  }

  async readOverview(at: AtVersion = {}): Promise<Document> {
    return this.#masked(await this.#domain.knowledge.readOverview(this.id, at));
  }

  async pageOverview(at: AtVersion, range: TextRange): Promise<TextLines> {
    const document = await this.#domain.knowledge.readOverview(this.id, at);
    return this.#page(document, overviewAnchor(this.id), range);
  }

  async listKnowledge(filter: KnowledgeFilter): Promise<KnowledgePage> {
    return presented(await this.#domain.knowledge.list(this.id, filter));
  }

  async openKnowledge(path: string, at: AtVersion = {}): Promise<Document> {
    return this.#masked(await this.#domain.knowledge.read(this.id, path, at));
  }

  async readKnowledge(path: string, at: AtVersion, range: TextRange): Promise<TextLines> {
    const document = await this.#domain.knowledge.read(this.id, path, at);
    return this.#page(document, knowledgeAnchor(this.id, path), range);
  }

  async listSessions(filter: SessionFilter): Promise<SessionPage> {
    return presented(await this.#domain.sessions.list([this.id], filter));
  }

  async session(sessionId: string): Promise<SessionEntry> {
    const entry = await this.#domain.sessions.get(this.id, sessionId);
    if (entry === undefined)
      throw new AppError("not_found", `No such session: "${sessionId}"`, {
        hint: "list_sessions shows them",
      });
    return presented(entry);
  }

  async readSession(
    sessionId: string,
    view: "conversation" | "raw",
    range: TextRange,
  ): Promise<SessionLines> {
    return presented(await this.#domain.sessions.page(this.id, sessionId, view, range));
  }

  async openSession(sessionId: string, options: { gzip: boolean }): Promise<SessionBytes> {
    const session = await this.#domain.sessions.open(this.id, sessionId, { ...options, mask: this.#mask });
    return { ...session, entry: presented(session.entry) };
  }

  #masked(document: Document): Document {
    if (!this.#mask) return document;
    return { ...document, bytes: Buffer.from(maskSecrets(document.bytes.toString("utf8"))) };
  }

  #page(document: Document, anchor: string, range: TextRange): TextLines {
    // Before it is cut into pages: half a secret would not be recognised.
    const page = pageOfText(presentable(document.bytes.toString("utf8")), range);
    if (page.fromLine > page.lines)
      throw new AppError("invalid_input", `from_line: the file has ${page.lines} lines only`);
    return {
      workspace_id: this.id,
      path: document.path,
      anchor,
      modified: document.modified.toISOString(),
      version: document.version,
      sha256: document.sha256,
      from_line: page.fromLine,
      lines: page.lines,
      text: page.text,
      ...(page.nextLine !== undefined && { next_line: page.nextLine }),
      ...(page.nextChar !== undefined && { next_char: page.nextChar }),
    };
  }
}
