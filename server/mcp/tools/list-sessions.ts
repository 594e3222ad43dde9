import * as z from "zod";
import { WorkspaceId } from "../../../contract/ids.ts";
import { Cursor, GivenTime, SessionPage } from "../../../contract/wire.ts";
import { defineTool, READS } from "../tool.ts";

export const listSessions = defineTool({
  name: "list_sessions",
  title: "List sessions",
  description:
    "List past agent sessions (conversations, transcripts), newest first: id, start, end, lines, bytes, first prompt, tool. Of one workspace, or of all when workspace_id is left out. To find sessions by content use search_sessions.",
  access: "all",
  effects: READS,
  input: z.strictObject({
    workspace_id: WorkspaceId.optional(),
    after: GivenTime.optional().describe("Only sessions at or after this date or time (ISO 8601)"),
    before: GivenTime.optional().describe("Only sessions before this date or time (ISO 8601)"),
    cursor: Cursor.optional(),
  }),
  output: SessionPage,
  run: ({ workspace_id: id, ...filter }, { directory, read }) =>
    (id === undefined ? directory : read(id)).listSessions(filter),
});
