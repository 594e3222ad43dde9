import type { Role } from "../../contract/wire.ts";
import type { SharedMemoryFiles } from "../../memory-tool/files.ts";
import type { BindingProofs, Gate } from "../access/open.ts";
import type { Principal } from "../access/principal.ts";
import type { Directory, OwnWorkspace, ReadableWorkspace, UploadWorkspace } from "../access/workspace.ts";

/** What spans workspaces, and the way to any single one that the caller may read. */
export interface Reach {
  directory: Directory;
  read: (workspaceId: string) => ReadableWorkspace;
}

/** What a tool of each access gets opened. A tool reaches nothing else of the server. */
export interface OpenedFor {
  all: Reach;
  read: ReadableWorkspace;
  own: OwnWorkspace;
  memories: SharedMemoryFiles;
  upload: UploadWorkspace;
}
export type Access = keyof OpenedFor;

/** Arguments that opening needs, so a tool of that access must take them. */
export interface OpeningArguments {
  all: object;
  read: { workspace_id: string };
  own: { binding?: string | undefined };
  memories: { binding?: string | undefined };
  upload: { workspace_id: string; write_token: string };
}

/** Who may call tools of an access. */
export const ROLES_OF: Record<Access, readonly Role[]> = {
  all: ["ai", "sync"],
  read: ["ai", "sync"],
  own: ["ai"],
  memories: ["ai"],
  upload: ["sync"],
};

/** One `tools/call`, as far as tools are concerned. */
export interface Call {
  gate: Gate;
  principal: Principal;
  /** Value of a header of the HTTP request. */
  header: (name: string) => string | undefined;
  signal: AbortSignal;
}

type Opener<A extends Access> = (call: Call, given: OpeningArguments[A]) => OpenedFor[A];

/** How the gate is asked for what a tool of each access gets. Throws what the gate throws. */
export const OPEN: { [A in Access]: Opener<A> } = {
  all: ({ gate, principal }) => reachOf(gate, principal),
  read: ({ gate, principal }, { workspace_id }) => gate.read(principal, workspace_id),
  own: (call, { binding }) => call.gate.own(call.principal, proofsOf(call, binding)),
  memories: (call, { binding }) => call.gate.memories(call.principal, proofsOf(call, binding)),
  upload: ({ gate, principal }, { workspace_id, write_token }) =>
    gate.upload(principal, workspace_id, write_token),
};

function proofsOf({ header }: Call, binding: string | undefined): BindingProofs {
  return { argument: binding, header: header("x-workspace-binding") };
}

export function reachOf(gate: Gate, principal: Principal): Reach {
  return { directory: gate.all(principal), read: (workspaceId) => gate.read(principal, workspaceId) };
}
