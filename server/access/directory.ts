import * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import { slugify } from "../../contract/names.ts";
import { LIMITS } from "../../contract/limits.ts";
import { presented } from "../../contract/secrets.ts";
import type {
  AiRegistration,
  SessionPage,
  SyncRegistration,
  WorkspaceName,
  WorkspacePage,
  WorkspaceSummary,
} from "../../contract/wire.ts";
import type { KnowledgeAnswer, KnowledgeQuery, SessionAnswer, SessionQuery } from "../../contract/search.ts";
import { languageOf } from "../search/query/query.ts";
import { decodeCursor, encodeCursor } from "../storage/cursor.ts";
import { Fitting } from "../storage/fitting.ts";
import type { Identity } from "../workspaces/workspace.ts";
import type { Domain } from "./domain.ts";
import { inScope, mayWrite, type Principal } from "./principal.ts";
import { fitsFilters } from "./query-fit.ts";
import { noSuchWorkspace, outOfScope, outOfWriteScope } from "./refusals.ts";
import { summaryOf } from "./summary.ts";
import type { Directory, SessionFilter, WorkspaceFilter } from "./workspace.ts";
import { isWriteToken, offerIn } from "./write-token.ts";

const WORKSPACES = "workspaces";

/** Everything in one principal's scope. Whatever it tells is presentable. */
export class ScopedDirectory implements Directory {
  readonly #domain: Domain;
  readonly #principal: Principal;

  constructor(domain: Domain, principal: Principal) {
    this.#domain = domain;
    this.#principal = principal;
  }

  async overview(): ReturnType<Directory["overview"]> {
    const [{ readme, index }, workspaces] = await Promise.all([
      this.#domain.globalPages(),
      this.workspaces({}),
    ]);
    return { ...presented({ readme, index }), workspaces };
  }

  async workspaces(filter: WorkspaceFilter): Promise<WorkspacePage> {
    const after = filter.cursor === undefined ? "" : decodeCursor(WORKSPACES, filter.cursor, z.string());
    const wanted = this.#visible(filter).filter(({ id }) => id > after);
    const limit = Math.min(filter.limit ?? LIMITS.answer.pageEntries, LIMITS.answer.pageEntries);
    const page = new Fitting<WorkspaceSummary>(limit);
    const { entries } = page;
    for (const workspace of wanted) {
      if (page.add(presented(await summaryOf(this.#domain, workspace)))) continue;
      return { entries, next_cursor: encodeCursor(WORKSPACES, entries.at(-1)?.workspace_id) };
    }
    return { entries };
  }

  async listSessions(filter: SessionFilter): Promise<SessionPage> {
    const ids = this.#visible({}).map(({ id }) => id);
    return presented(await this.#domain.sessions.list(ids, filter));
  }

  async searchKnowledge(query: KnowledgeQuery, signal?: AbortSignal): Promise<KnowledgeAnswer> {
    return presented(await this.#domain.search.knowledge(query, this.#searchable(query), signal));
  }

  async searchSessions(query: SessionQuery, signal?: AbortSignal): Promise<SessionAnswer> {
    return presented(await this.#domain.search.sessions(query, this.#searchable(query), signal));
  }

  async registerForAi(name: WorkspaceName, description?: string): Promise<AiRegistration> {
    this.#assertRole("ai");
    const { identity, created } = await this.#register(name, description);
    const { binding, expiresAt } = this.#domain.bindings.issue(this.#principal, identity);
    return { workspace_id: identity.id, created, binding, expires_at: expiresAt.toISOString() };
  }

  /**
   * The write token is in the answer when the workspace had none. A client that offers one gets it back: it can offer the
   * same one again when it lost the answer.
   */
  async registerForSync(
    name: WorkspaceName,
    options: { description?: string | undefined; writeToken?: string | undefined },
  ): Promise<SyncRegistration> {
    this.#assertRole("sync");
    const { identity, created } = await this.#register(name, options.description);
    return this.#domain.registrations.run(identity.id, async () => {
      const workspace = this.#domain.registry.get(identity.id) ?? identity;
      if (workspace.write_token_hash === undefined)
        return {
          workspace_id: workspace.id,
          created,
          write_token: await this.#domain.registry.issueWriteToken(workspace.id, offerIn(options.writeToken)),
        };
      if (isWriteToken(workspace, options.writeToken)) return { workspace_id: workspace.id, created: false };
      throw new AppError(
        "conflict",
        `Workspace "${workspace.id}" is registered already, with another write token`,
        {
          hint: `Another machine may have that name: give this one another (memory-sync: "machine" in config.json). Only if this machine lost its write token, make a new one on the server, which ends the old: federated-memory workspace reissue ${workspace.id}`,
        },
      );
    });
  }

  #register(name: WorkspaceName, description?: string): Promise<{ identity: Identity; created: boolean }> {
    return this.#domain.registry.register(name, description, (id) => {
      if (!inScope(this.#principal, id)) throw outOfScope(id);
      if (!mayWrite(this.#principal, { id, machine: name.machine }))
        throw outOfWriteScope(this.#principal, id);
    });
  }

  #searchable(query: KnowledgeQuery): Identity[] {
    const { workspace_id: id } = query;
    const { filters } = languageOf(query);
    const { only, not } = filters.workspace;
    for (const named of [...(id === undefined ? [] : [id]), ...only, ...not]) this.#assertThere(named);
    return this.#visible(query).filter(
      (workspace) => (id === undefined || workspace.id === id) && fitsFilters(workspace, filters),
    );
  }

  #assertThere(id: string): void {
    if (!inScope(this.#principal, id)) throw outOfScope(id);
    if (this.#domain.registry.get(id) === undefined) throw noSuchWorkspace(id);
  }

  #visible(filter: Pick<WorkspaceFilter, "machine" | "tool" | "project">): Identity[] {
    const same = (value: string, wanted: string | undefined) =>
      wanted === undefined || slugify(value) === slugify(wanted);
    return this.#domain.registry
      .list()
      .filter(
        ({ id, machine, tool, project }) =>
          inScope(this.#principal, id) &&
          same(machine, filter.machine) &&
          same(tool, filter.tool) &&
          same(project, filter.project),
      );
  }

  #assertRole(role: "ai" | "sync"): void {
    if (this.#principal.role !== role)
      throw new AppError(
        "forbidden",
        `This needs a token of the role ${role}; yours is ${this.#principal.role}`,
      );
  }
}
