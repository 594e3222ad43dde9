import * as z from "zod";
import { WorkspaceId } from "../../../contract/ids.ts";
import { overviewAnchor } from "../../../contract/anchor.ts";
import { overviewText } from "../overview-text.ts";
import { lineSpan } from "../stored-text.ts";
import { rangeOf } from "../text-range.ts";
import { defineTextTool, READS } from "../tool.ts";

export const getOverview = defineTextTool({
  name: "get_overview",
  title: "Overview of the memory",
  description:
    "Start here: overview of the whole memory. Shows the README, the index, and every workspace (one per machine, tool and project) with its summary, counts and last activity. With workspace_id: the whole overview page of that workspace, as its AI wrote it.",
  access: "all",
  effects: READS,
  alwaysLoad: true,
  input: z.strictObject({
    workspace_id: WorkspaceId.optional().describe("Show this workspace's own overview page instead"),
  }),
  run: async ({ workspace_id: id }, { directory, read }) => {
    if (id === undefined) return overviewText(await directory.overview());
    const page = await read(id).pageOverview({}, rangeOf({}));
    const last = page.next_line === undefined ? page.lines : page.next_line - 1;
    const span = lineSpan(page.from_line, last, page.lines);
    return {
      source: `${page.anchor}: overview of workspace ${id}, version ${page.version}, modified ${page.modified}, ${span}, sha256 ${page.sha256}`,
      text: page.text,
      more:
        page.next_line === undefined
          ? undefined
          : `Cut here. The rest is the resource ${overviewAnchor(id)}#L${page.next_line}-${page.lines}`,
    };
  },
});
