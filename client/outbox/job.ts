import { readFile } from "node:fs/promises";
import * as z from "zod";
import { parseJson } from "../../contract/json.ts";
import { unlessMissing } from "../../disk/errno.ts";
import type { Home } from "../home/home.ts";
import { jobPath, type Box } from "./boxes.ts";

const JOB_KINDS = ["session", "knowledge"] as const;

/** One piece of work that must not be lost: a file under `queue/`, named by its key. */
export const Job = z.object({
  kind: z.enum(JOB_KINDS),
  path: z.string().min(1).describe("The file on this machine"),
  workspace_id: z.string().optional().describe("Knowledge only: where it goes"),
  upload: z.string().optional().describe("Knowledge only: its path on the server"),
  reason: z.string().default("").describe("What made the job, for example SessionEnd"),
  created_at: z.string(),
  tries: z.int().min(0).default(0),
  not_before: z.string().optional().describe("No try before this time"),
  last_error: z.string().optional(),
  hint: z.string().optional(),
  set_aside_at: z
    .string()
    .optional()
    .describe("Not tried again until the file changes or somebody asks for it"),
});
export type Job = z.infer<typeof Job>;

/** The job in a file of a box; `gone` when another process was faster, `damaged` when it is no job. */
export async function readJob(home: Home, box: Box, name: string): Promise<Job | "gone" | "damaged"> {
  const text = await unlessMissing(readFile(jobPath(home, box, name), "utf8"));
  if (text === undefined) return "gone";
  const parsed = Job.safeParse(parseJson(text));
  return parsed.success ? parsed.data : "damaged";
}
