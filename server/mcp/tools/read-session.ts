import * as z from "zod";
import { SessionId, WorkspaceId } from "../../../contract/ids.ts";
import { lineSpan } from "../stored-text.ts";
import { howToGoOn, PAGE_ARGUMENTS, rangeOf } from "../text-range.ts";
import { defineTextTool, READS } from "../tool.ts";

export const readSession = defineTextTool({
  name: "read_session",
  title: "Read a session",
  description:
    "Read one past agent session (conversation, transcript) by page, with line numbers: as a conversation, or the raw JSONL lines. Pass the line of a search hit or anchor as from_line.",
  access: "read",
  effects: READS,
  alwaysLoad: true,
  input: z.strictObject({
    workspace_id: WorkspaceId,
    session_id: SessionId,
    ...PAGE_ARGUMENTS,
    view: z
      .enum(["conversation", "raw"])
      .default("conversation")
      .describe("conversation = what was said and done; raw = the transcript's own lines"),
  }),
  run: async ({ session_id, view, ...range }, workspace) => {
    const page = await workspace.readSession(session_id, view, rangeOf(range));
    const { tool, started, ended, lines, revision } = page.session;
    return {
      source: `${page.anchor}: ${tool} session, ${started} to ${ended}, revision ${revision}, ${view} of ${lineSpan(page.from_line, page.last_line, lines)}`,
      text: page.text,
      more: [
        ...(page.text === "" ? ["Nothing in these lines is conversation; view=raw shows them."] : []),
        howToGoOn("read_session", page) ?? "This is the end of the session.",
      ].join(" "),
    };
  },
});
