import * as z from "zod";
import { Sha256 } from "../../../contract/ids.ts";
import { KnowledgePath } from "../../../contract/knowledge-path.ts";
import { KnowledgeWritten } from "../../../contract/wire.ts";
import { defineTool, REPLACES } from "../tool.ts";
import { UPLOAD_ARGUMENTS, WellFormedText } from "../upload-arguments.ts";

export const uploadKnowledge = defineTool({
  name: "upload_knowledge",
  title: "Upload a knowledge file",
  description:
    "Upload one markdown knowledge file into a workspace, for sync clients. Equal content stores nothing; other content becomes the current file and the old one stays a version.",
  access: "upload",
  effects: REPLACES,
  input: z.strictObject({
    ...UPLOAD_ARGUMENTS,
    path: KnowledgePath,
    content: WellFormedText.describe("The whole file"),
    expected_sha256: z
      .union([z.literal(""), Sha256])
      .optional()
      .describe("Write only if the current file still has this digest; empty: only if there is none"),
  }),
  output: KnowledgeWritten,
  run: ({ path, content, expected_sha256 }, workspace) =>
    workspace.uploadKnowledge(path, Buffer.from(content), expected_sha256),
});
