import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { parseJson } from "../../contract/json.ts";
import { isUnreachable } from "../home/reach.ts";
import type { Transcript } from "./find.ts";

export const DAY_MS = 24 * 60 * 60 * 1000;
/** What Claude Code does when nobody says otherwise. */
const DEFAULT_DAYS = 30;

/** Claude Code passes over a whole file in which this is not a number of days above 0 (measured with 2.1.329). */
const Settings = z.object({ cleanupPeriodDays: z.number().positive() });

/** After how many days without a change Claude Code deletes a transcript, and which file says so. */
export interface Cleanup {
  readonly days: number;
  /** Undefined for the default. */
  readonly file: string | undefined;
}

/** Settings of Claude Code that an administrator made for all people of this machine; they go before all others. */
export function managedSettings(platform: NodeJS.Platform = process.platform): string {
  const folders: Partial<Record<NodeJS.Platform, string>> = {
    darwin: "/Library/Application Support/ClaudeCode",
    win32: "C:\\Program Files\\ClaudeCode",
  };
  return join(folders[platform] ?? "/etc/claude-code", "managed-settings.json");
}

/** How Claude Code cleans up on this machine. `claudeFolder`: its folder, as in TranscriptPlaces. */
export async function cleanupOf(claudeFolder: string, managed = managedSettings()): Promise<Cleanup> {
  const own = ["settings.local.json", "settings.json"].map((name) => join(claudeFolder, name));
  for (const file of [managed, ...own]) {
    const parsed = Settings.safeParse(parseJson(await textOf(file)));
    if (parsed.success) return { days: parsed.data.cleanupPeriodDays, file };
  }
  return { days: DEFAULT_DAYS, file: undefined };
}

/**
 * From when on its client may delete a transcript, in milliseconds since 1970: Claude Code does it when it is started.
 * Infinity for those of Codex, which keeps all.
 */
export function expiryOf(
  { client, mtimeMs }: Pick<Transcript, "client" | "mtimeMs">,
  { days }: Cleanup,
): number {
  return client === "codex" ? Infinity : mtimeMs + days * DAY_MS;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isUnreachable(error)) return "";
    throw error;
  }
}
