import * as z from "zod";
import { byteLength } from "../../../contract/ids.ts";
import { LIMITS } from "../../../contract/limits.ts";
import { AiRegistration, SyncRegistration, WorkspaceName } from "../../../contract/wire.ts";
import { ADDS, defineTool } from "../tool.ts";

const Description = z
  .string()
  .refine((text) => text.isWellFormed() && byteLength(text) <= LIMITS.workspaces.descriptionBytes, {
    error: `at most ${LIMITS.workspaces.descriptionBytes} bytes of valid Unicode`,
  })
  .describe("What the workspace is about, in a sentence");

/** An AI is given a binding, a sync token the write token. */
const Registration = z.object({ ...AiRegistration.partial().shape, ...SyncRegistration.shape });

export const registerWorkspace = defineTool({
  name: "register_workspace",
  title: "Register your workspace",
  description:
    "Register the workspace of your machine, tool and project; finds it when it exists. An AI gets its id and a binding, valid 24 hours: pass it to write_overview and delete_knowledge. A sync token gets the write token, once, on the first registration.",
  access: "all",
  effects: ADDS,
  input: z.strictObject({ ...WorkspaceName.shape, description: Description.optional() }),
  output: Registration,
  givesSecret: true,
  run: ({ description, ...name }, { directory }, { role, writeToken }) =>
    role === "ai"
      ? directory.registerForAi(name, description)
      : directory.registerForSync(name, { description, writeToken }),
});
