import * as z from "zod";
import { WorkspaceId } from "../../contract/ids.ts";
import { LIMITS } from "../../contract/limits.ts";

/** What every upload must name and prove. */
export const UPLOAD_ARGUMENTS = {
  workspace_id: WorkspaceId,
  write_token: z
    .string()
    .max(LIMITS.tokens.maximumChars)
    .describe("The workspace's write token, from its first registration"),
};

/** A lone surrogate has no bytes of its own: storing it would store something else. */
export const WellFormedText = z
  .string()
  .refine((text) => text.isWellFormed(), { error: "not valid Unicode" });
