import * as z from "zod";
import {
  MEMORY_ARGUMENTS,
  MEMORY_TOOL_DESCRIPTION,
  MEMORY_TOOL_TITLE,
  optional,
} from "../../../memory-tool/command.ts";
import { MEMORY_TOOL } from "../../../memory-tool/names.ts";
import { runMemoryCommandAlone } from "../../../memory-tool/run.ts";
import { BindingArgument } from "../binding-argument.ts";
import { defineContentTool, EDITS } from "../tool.ts";

export const memory20250818 = defineContentTool({
  name: MEMORY_TOOL,
  title: MEMORY_TOOL_TITLE,
  description: MEMORY_TOOL_DESCRIPTION,
  access: "memories",
  effects: EDITS,
  // A proxy can give the model the native tool only where it stands in the request from the start.
  alwaysLoad: true,
  input: z.strictObject({
    ...MEMORY_ARGUMENTS,
    binding: optional(BindingArgument),
  }),
  run: (command, files) => runMemoryCommandAlone(files, command),
});
