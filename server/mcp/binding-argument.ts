import * as z from "zod";
import { LIMITS } from "../../contract/limits.ts";

/** The proof which workspace is the caller's own. Clients that can set headers send it as `X-Workspace-Binding`. */
export const BindingArgument = z
  .string()
  .max(LIMITS.binding.maximumChars)
  .describe("From register_workspace; not needed when the client sends X-Workspace-Binding");
