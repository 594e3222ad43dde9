import * as z from "zod";
import { DocumentPath } from "../../../contract/document-path.ts";
import { WorkspaceId } from "../../../contract/ids.ts";
import { GivenTime } from "../../../contract/wire.ts";
import { lineSpan } from "../stored-text.ts";
import { howToGoOn, PAGE_ARGUMENTS, rangeOf } from "../text-range.ts";
import { defineTextTool, READS } from "../tool.ts";

export const readKnowledge = defineTextTool({
  name: "read_knowledge",
  title: "Read a knowledge file",
  description:
    "Read one knowledge file (markdown) of a workspace as text, by page, or a memory (/memories/...); also an earlier version of it, by number or by time. Use search_knowledge or list_knowledge to find the path.",
  access: "read",
  effects: READS,
  alwaysLoad: true,
  input: z
    .strictObject({
      workspace_id: WorkspaceId,
      path: DocumentPath,
      version: z.int().min(1).optional().describe("This version instead of the current one"),
      as_of: GivenTime.optional().describe("The content that was current at this time (ISO 8601)"),
      ...PAGE_ARGUMENTS,
    })
    .refine(({ version, as_of }) => version === undefined || as_of === undefined, {
      error: "version and as_of: give one of them",
    }),
  run: async ({ path, version, as_of, ...range }, workspace) => {
    const page = await workspace.readKnowledge(path, { version, as_of }, rangeOf(range));
    const last = page.from_line + page.text.split("\n").length - 1;
    return {
      source: `${page.anchor}: version ${page.version}, modified ${page.modified}, ${lineSpan(page.from_line, last, page.lines)}, sha256 ${page.sha256}`,
      text: page.text,
      more: howToGoOn("read_knowledge", page),
    };
  },
});
