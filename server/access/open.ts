import { AppError } from "../../contract/errors.ts";
import { soleWorkspaceOf } from "../../contract/names.ts";
import type { Role } from "../../contract/wire.ts";
import type { SharedMemoryFiles } from "../../memory-tool/files.ts";
import type { Identity } from "../workspaces/workspace.ts";
import { ScopedDirectory } from "./directory.ts";
import type { Domain } from "./domain.ts";
import { inScope, inWriteScope, mayWrite, type Principal } from "./principal.ts";
import { OpenedForReading } from "./readable.ts";
import { noSuchWorkspace, outOfScope, outOfWriteScope } from "./refusals.ts";
import type { Directory, OwnWorkspace, ReadableWorkspace, UploadWorkspace } from "./workspace.ts";
import { OpenedAsOwn, OpenedForUpload } from "./writable.ts";
import { isWriteToken } from "./write-token.ts";

/** What an AI shows to prove which workspace is its own. */
export interface BindingProofs {
  argument?: string | undefined;
  header?: string | undefined;
}

const READERS: readonly Role[] = ["ai", "sync"];

/**
 * The gate: the one place that turns a principal and a workspace id into an opened workspace. Whatever an edge
 * can do, it does on what this hands out, so permission and existence are decided here and nowhere else.
 * Scope is checked before existence: a token learns nothing about workspaces outside its scope.
 */
export class Gate {
  readonly #domain: Domain;

  constructor(domain: Domain) {
    this.#domain = domain;
  }

  /** Everything in the principal's scope. Throws `forbidden` for roles that do not read. */
  all(principal: Principal): Directory {
    assertRole(principal, READERS);
    return new ScopedDirectory(this.#domain, principal);
  }

  /** Throws `forbidden` outside the scope, `not_found` when there is no such workspace. */
  read(principal: Principal, workspaceId: string): ReadableWorkspace {
    assertRole(principal, READERS);
    return new OpenedForReading(this.#domain, this.#open(principal, workspaceId), {
      mask: principal.role === "ai",
    });
  }

  /**
   * The workspace that the proofs name. All proofs present must be valid and agree, and one must be there; every
   * failure is the same `forbidden`, so that nothing can be learned by trying.
   */
  own(principal: Principal, proofs: BindingProofs): OwnWorkspace {
    assertRole(principal, ["ai"]);
    return new OpenedAsOwn(this.#domain, this.#bound(principal, shownOf(proofs)));
  }

  /**
   * The memories of the workspace that the proofs name, as `own`. A token whose write scope names one workspace needs none:
   * it could be bound to no other.
   */
  memories(principal: Principal, proofs: BindingProofs): SharedMemoryFiles {
    assertRole(principal, ["ai"]);
    const shown = shownOf(proofs);
    const { id } = shown.length === 0 ? this.#sole(principal) : this.#bound(principal, shown);
    return this.#domain.knowledge.memories(id);
  }

  /** Throws `forbidden` outside the write scope, and when the write token is not this workspace's. */
  upload(principal: Principal, workspaceId: string, writeToken: string | undefined): UploadWorkspace {
    assertRole(principal, ["sync"]);
    const workspace = this.#open(principal, workspaceId, { toWrite: true });
    if (!isWriteToken(workspace, writeToken))
      throw new AppError("forbidden", `Not the write token of workspace "${workspaceId}"`, {
        hint: "Uploads need the write token that this workspace's first registration gave; an admin can make a new one: federated-memory workspace reissue",
      });
    return new OpenedForUpload(this.#domain, workspace);
  }

  #bound(principal: Principal, shown: readonly string[]): Identity {
    const targets = shown.map((proof) => this.#verified(principal, proof));
    const [first] = targets;
    if (first === undefined || targets.some((target) => target?.id !== first.id)) throw unbound();
    return first;
  }

  #sole(principal: Principal): Identity {
    // It may not be registered yet.
    const id = soleWorkspaceOf(principal.writeScope);
    const workspace = id === undefined ? undefined : this.#domain.registry.get(id);
    if (workspace === undefined || !mayWrite(principal, workspace)) throw unbound();
    return workspace;
  }

  #verified(principal: Principal, proof: string): Identity | undefined {
    const claimed = this.#domain.bindings.claimed(proof);
    const workspace = claimed === undefined ? undefined : this.#domain.registry.get(claimed);
    if (workspace === undefined || !mayWrite(principal, workspace)) return undefined;
    return this.#domain.bindings.verify(proof, principal, workspace) ? workspace : undefined;
  }

  #open(principal: Principal, workspaceId: string, { toWrite } = { toWrite: false }): Identity {
    if (!inScope(principal, workspaceId)) throw outOfScope(workspaceId);
    if (toWrite && !inWriteScope(principal, workspaceId)) throw outOfWriteScope(principal, workspaceId);
    const workspace = this.#domain.registry.get(workspaceId);
    if (workspace === undefined) throw noSuchWorkspace(workspaceId);
    if (toWrite && !mayWrite(principal, workspace)) throw outOfWriteScope(principal, workspaceId);
    return workspace;
  }
}

function shownOf({ argument, header }: BindingProofs): string[] {
  return [argument, header].filter((proof) => proof !== undefined);
}

function assertRole(principal: Principal, roles: readonly Role[]): void {
  if (roles.includes(principal.role)) return;
  throw new AppError(
    "forbidden",
    `This needs ${roles.map((role) => `an ${role} token`).join(" or ")}; yours is ${principal.role}`,
  );
}

function unbound(): AppError {
  return new AppError("forbidden", "not bound to a workspace, or the binding is not valid any more", {
    hint: "Call register_workspace with your machine, tool and project, and pass the binding it returns",
  });
}
