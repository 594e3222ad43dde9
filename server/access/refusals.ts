import { AppError } from "../../contract/errors.ts";

export function outOfScope(workspaceId: string): AppError {
  return new AppError("forbidden", `Workspace "${workspaceId}" is outside this token's scope`);
}

export function noSuchWorkspace(workspaceId: string): AppError {
  return new AppError("not_found", `No such workspace: "${workspaceId}"`, {
    hint: "list_workspaces shows them",
  });
}
