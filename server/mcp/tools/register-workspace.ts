import * as z from "zod";
import { AiRegistration, NewWorkspace, SyncRegistration } from "../../../contract/wire.ts";
import { ADDS, defineTool } from "../tool.ts";

/** An AI is given a binding, a sync token the write token. */
const Registration = z.object({ ...AiRegistration.partial().shape, ...SyncRegistration.shape });

export const registerWorkspace = defineTool({
  name: "register_workspace",
  title: "Register your workspace",
  description:
    "Register the workspace of your machine, tool and project; finds it when it exists. An AI gets its id and a binding, valid 24 hours: pass it to write_overview and delete_knowledge. A sync token gets the write token, once, on the first registration.",
  access: "all",
  effects: ADDS,
  input: NewWorkspace,
  output: Registration,
  run: ({ description, ...name }, { directory }, { role, writeToken }) =>
    role === "ai"
      ? directory.registerForAi(name, description)
      : directory.registerForSync(name, { description, writeToken }),
});
