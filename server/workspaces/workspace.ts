import * as z from "zod";
import { Sha256, WorkspaceId } from "../../contract/ids.ts";

/** `identity.json`: the truth about a workspace. Names are as their first registration spelled them; their slugs decide. */
export const Identity = z.object({
  id: WorkspaceId,
  machine: z.string().min(1),
  tool: z.string().min(1),
  project: z.string().min(1),
  description: z.string().optional(),
  created_at: z.iso.datetime(),
  write_token_hash: Sha256.optional().describe("SHA-256 of the write token; absent until one was issued"),
  epoch: z.int().min(0).default(0).describe("Bindings of an earlier epoch are void"),
});
export type Identity = z.infer<typeof Identity>;
