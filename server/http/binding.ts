import * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import type { Principal } from "../access/principal.ts";
import type { OwnWorkspace } from "../access/workspace.ts";
import type { HttpGate } from "./parts.ts";

export const BindingHeader = z.object({
  "x-workspace-binding": z
    .string()
    .optional()
    .describe("The binding that registering the workspace returned"),
});

/** The workspace in the path, if the binding proves it to be the caller's own. Throws `forbidden`. */
export function assertOwn(
  gate: HttpGate,
  principal: Principal,
  workspaceId: string,
  header: string | undefined,
): OwnWorkspace {
  const own = gate.own(principal, { header });
  if (own.id !== workspaceId)
    throw new AppError("forbidden", `The binding is for another workspace than "${workspaceId}"`, {
      hint: "An AI writes into its own workspace only",
    });
  return own;
}
