import * as z from "zod";

export const WriteTokenHeader = z.object({
  "x-workspace-token": z.string().optional().describe("The workspace's write token"),
});
