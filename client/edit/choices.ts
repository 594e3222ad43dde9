import * as z from "zod";

/**
 * What a person said of the parts of an install, kept in `setup.json`: each holds until they say otherwise, so that a later
 * install neither puts back what they left out nor loses what they asked for. Absent: they said nothing.
 */
export const Choices = z.strictObject({
  mcp: z.boolean().optional(),
  hooks: z.boolean().optional(),
  shell: z.boolean().optional(),
  allow_tools: z.boolean().optional(),
  literal_header: z.boolean().optional(),
  schedule: z.string().optional().describe("The name of a scheduler, `auto` or `none`"),
  every: z.int().optional().describe("Minutes"),
});
export type Choices = z.infer<typeof Choices>;
