import * as z from "zod";
import { NamePart, WorkspaceId } from "./ids.ts";

const TrackedFile = z.strictObject({
  local: z.string().min(1).describe("Path on this machine; may begin with ~"),
  upload: z.string().min(1).describe("Knowledge path on the server"),
  optional: z.boolean().optional().describe("It may be missing: it is sent once it is there"),
});

const TrackedDir = z.strictObject({
  local: z.string().min(1).describe("Folder on this machine; may begin with ~"),
  upload_prefix: z.string().default("").describe('Knowledge path prefix on the server, for example "auto/"'),
  glob: z.string().min(1).default("**/*.md").describe('Which files of the folder, for example "*.md"'),
});

/** What one workspace synchronises from this machine; lives at `manifests/<workspace id>.json`. */
export const Manifest = z.strictObject({
  workspace_id: WorkspaceId,
  machine: NamePart,
  tool: NamePart,
  project: NamePart,
  cwd: z
    .string()
    .optional()
    .describe("The project's folder: transcripts of sessions under it belong to this workspace"),
  redact: z
    .boolean()
    .optional()
    .describe(
      "Whether secrets are taken out before this workspace's files are sent; without it config.json decides",
    ),
  tracked: z.array(TrackedFile).default([]).describe("Single files"),
  tracked_dirs: z.array(TrackedDir).default([]).describe("Folders, filtered by a glob"),
});
export type Manifest = z.infer<typeof Manifest>;
