import * as z from "zod";
import { Sha256 } from "../../../contract/ids.ts";
import { OverviewWritten } from "../../../contract/wire.ts";
import { BindingArgument } from "../binding-argument.ts";
import { defineTool, REPLACES } from "../tool.ts";

export const writeOverview = defineTool({
  name: "write_overview",
  title: "Write your overview",
  description:
    "Write the overview page (markdown) of your own workspace: what the project is, its state, what comes next. The first paragraph is the summary that others see. Replaces the page; the old one stays a version. Needs the binding from register_workspace.",
  access: "own",
  effects: REPLACES,
  input: z.strictObject({
    content: z.string().describe("The whole new page, markdown"),
    expected_sha256: Sha256.optional().describe(
      "Write only if the current page still has this digest; get_overview shows it",
    ),
    binding: BindingArgument.optional(),
  }),
  output: OverviewWritten,
  run: ({ content, expected_sha256 }, workspace) => workspace.writeOverview(content, expected_sha256),
});
