import * as z from "zod";
import { WorkspaceId } from "../../../contract/ids.ts";
import { LIMITS } from "../../../contract/limits.ts";
import { documentFault, MEMORIES } from "../../../contract/memory-prefix.ts";
import { Cursor, KnowledgePage } from "../../../contract/wire.ts";
import { defineTool, READS } from "../tool.ts";

/** A prefix is good when some good path begins with it. */
const Prefix = z
  .string()
  .max(LIMITS.knowledge.pathBytes)
  .transform((prefix, context) => {
    const canonical = prefix.isWellFormed() ? prefix.normalize("NFC") : prefix;
    const fault = documentFault(canonical) && documentFault(`${canonical}x`);
    if (fault !== undefined && !MEMORIES.startsWith(canonical))
      context.addIssue({ code: "custom", message: `no path begins like this: ${fault}` });
    return canonical;
  })
  .describe('Only paths that begin with this, for example "auto/"; "/memories/" gives the memories alone');

export const listKnowledge = defineTool({
  name: "list_knowledge",
  title: "List knowledge files",
  description:
    "List the knowledge files (markdown notes) of one workspace: path, title, size, time of change, number of versions; then the memories, which begin with /memories/. Narrow it down by a path prefix. To find files by content use search_knowledge.",
  access: "read",
  effects: READS,
  input: z.strictObject({
    workspace_id: WorkspaceId,
    prefix: Prefix.optional(),
    cursor: Cursor.optional(),
  }),
  output: KnowledgePage,
  run: ({ prefix, cursor }, workspace) => workspace.listKnowledge({ prefix, cursor }),
});
