import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import { parseJson } from "../../contract/json.ts";
import { replaceFile } from "../../disk/atomic-file.ts";
import { isSystemError, unlessMissing } from "../../disk/errno.ts";
import { Folder, makeFolders } from "../../disk/folder.ts";
import type { Home } from "../home/home.ts";
import { stampedAt } from "../launcher/stamp.ts";
import type { SyncReport } from "./report.ts";

/** How a sync ended, whoever started it. Goes out as JSON, so its names are a promise. */
const LastRun = z.object({
  at: z.string().describe("When it ended"),
  outcome: z.enum(["ok", "problem", "auth", "network"]),
  message: z.string().optional().describe("What went wrong first"),
  hint: z.string().optional().describe("What mends it"),
});
export type LastRun = z.infer<typeof LastRun>;

const FOLDER = "runs";
/** In a folder of its own: what lies beside the state would count as a change of what was sent. */
const FILE = "last.json";

/**
 * Keeps how a sync ended, for people who were not there: a schedule's and a hook's are seen by nobody. It is only a note: a
 * disk that refuses it is no failure.
 */
export async function noteRun(home: Home, run: LastRun | undefined): Promise<void> {
  if (run === undefined) return;
  const path = join(home.state, FOLDER);
  try {
    await makeFolders(path);
    await using folder = await Folder.open(path);
    await replaceFile(folder, FILE, `${JSON.stringify(run)}\n`);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

/** How the last sync ended; undefined when none did. One that only looked, for nothing had changed, went well. */
export async function lastRun(home: Home): Promise<LastRun | undefined> {
  const text = await unlessMissing(readFile(join(home.state, FOLDER, FILE), "utf8"));
  const { data: noted } = LastRun.safeParse(parseJson(text ?? ""));
  const looked = stampedAt(home, "runs/up-to-date");
  if (looked === undefined || (noted !== undefined && looked.getTime() <= Date.parse(noted.at))) return noted;
  return { at: looked.toISOString(), outcome: "ok" };
}

/** What is kept of a sync; undefined for one that left the work to another that runs. */
export function runOf({ stopped, problems }: SyncReport): LastRun | undefined {
  if (stopped?.why === "busy") return undefined;
  const at = new Date().toISOString();
  if (stopped !== undefined) return { at, outcome: stopped.why, ...saying(stopped) };
  const [first] = problems;
  if (first === undefined) return { at, outcome: "ok" };
  return { at, outcome: "problem", ...saying({ ...first, message: `${first.path}: ${first.message}` }) };
}

/** What is kept of a sync that could not even begin; undefined for a mistake in the program. */
export function failedRun(error: unknown): LastRun | undefined {
  const at = new Date().toISOString();
  if (isSystemError(error)) return { at, outcome: "problem", message: error.message };
  if (!(error instanceof AppError)) return undefined;
  return { at, outcome: error.code === "unauthenticated" ? "auth" : "problem", ...saying(error) };
}

function saying({ message, hint }: { message: string; hint?: string | undefined }) {
  return { message, ...(hint !== undefined && { hint }) };
}
