import * as z from "zod";
import { KnowledgePath } from "../../../contract/knowledge-path.ts";
import { KnowledgeDeleted } from "../../../contract/wire.ts";
import { BindingArgument } from "../binding-argument.ts";
import { defineTool, REPLACES } from "../tool.ts";

export const deleteKnowledge = defineTool({
  name: "delete_knowledge",
  title: "Delete a knowledge file",
  description:
    "Delete one knowledge file of your own workspace, for example because it is wrong or out of date. Its content stays readable as a version (read_knowledge with version). Needs the binding from register_workspace.",
  access: "own",
  effects: REPLACES,
  input: z.strictObject({ path: KnowledgePath, binding: BindingArgument.optional() }),
  output: KnowledgeDeleted,
  run: ({ path }, workspace) => workspace.deleteKnowledge(path),
});
