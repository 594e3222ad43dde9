import * as z from "zod";
import { NamePart } from "../../../contract/ids.ts";
import { Cursor, WorkspacePage } from "../../../contract/wire.ts";
import { defineTool, READS } from "../tool.ts";

export const listWorkspaces = defineTool({
  name: "list_workspaces",
  title: "List workspaces",
  description:
    "List the workspaces of this memory (one per machine, tool and project): id, summary, number of knowledge files and sessions, bytes, last activity. Narrow it down by machine, tool or project.",
  access: "all",
  effects: READS,
  input: z.strictObject({
    machine: NamePart.optional().describe('Only this machine, for example "laptop"'),
    tool: NamePart.optional().describe('Only this tool, for example "codex"'),
    project: NamePart.optional().describe('Only this project, for example "webshop"'),
    cursor: Cursor.optional(),
  }),
  output: WorkspacePage,
  run: (filter, { directory }) => directory.workspaces(filter),
});
