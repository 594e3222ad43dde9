import * as z from "zod";

const BINDING_CHARS = 1024;

/** The proof which workspace is the caller's own. Clients that can set headers send it as `X-Workspace-Binding`. */
export const BindingArgument = z
  .string()
  .max(BINDING_CHARS)
  .describe("From register_workspace; not needed when the client sends X-Workspace-Binding");
