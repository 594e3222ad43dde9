import { AppError } from "../../contract/errors.ts";
import type { Principal } from "./principal.ts";

export function outOfScope(workspaceId: string): AppError {
  return new AppError("forbidden", `Workspace "${workspaceId}" is outside this token's scope`);
}

/** The refusal of a write, also where the workspace may be read. */
export function outOfWriteScope({ writeScope }: Principal, workspaceId: string): AppError {
  return new AppError("forbidden", `Workspace "${workspaceId}" is outside this token's write scope`, {
    hint: `It may read more than it may write to, which is ${writeScope.join(", ")}; use the name of this machine`,
  });
}

export function noSuchWorkspace(workspaceId: string): AppError {
  return new AppError("not_found", `No such workspace: "${workspaceId}"`, {
    hint: "list_workspaces shows them",
  });
}
