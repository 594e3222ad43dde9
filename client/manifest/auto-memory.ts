import { readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import * as z from "zod";
import { parseJson } from "../../contract/json.ts";
import { expandHome } from "../home/home.ts";
import { isUnreachable } from "../home/reach.ts";

const SLUG_CHARS = 200;

/** What of Claude Code's own settings matters here. */
const Settings = z.object({ autoMemoryDirectory: z.string() });

/**
 * The folder where Claude Code keeps its notes about a project: the one that its user settings name for all projects,
 * else one by the root of the main git worktree (the folder itself outside git), links resolved. `claudeHome` is
 * `~/.claude` unless CLAUDE_CONFIG_DIR says otherwise.
 */
export async function autoMemoryFolder(
  claudeHome: string,
  projectRoot: string,
  userHome: string,
): Promise<string> {
  const named = await namedFolder(join(claudeHome, "settings.json"), userHome);
  return named ?? join(claudeHome, "projects", claudeSlug(projectRoot), "memory");
}

/** Like Claude Code itself, takes only what begins at the root or with `~`, and ignores settings that are broken. */
async function namedFolder(settings: string, userHome: string): Promise<string | undefined> {
  const parsed = Settings.safeParse(parseJson(await textOf(settings)));
  if (!parsed.success) return undefined;
  const { autoMemoryDirectory: folder } = parsed.data;
  return isAbsolute(folder) || /^~[\\/]/.test(folder) ? expandHome(folder, userHome) : undefined;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isUnreachable(error)) return "";
    throw error;
  }
}

/**
 * The name Claude Code gives a project's folder (observed in 2.1): every UTF-16 unit but ASCII letters and digits
 * becomes `-`; a long name is cut and gets a 32-bit hash of the whole path in base 36.
 */
export function claudeSlug(path: string): string {
  const slug = path.replace(/[^a-zA-Z0-9]/g, "-");
  if (slug.length <= SLUG_CHARS) return slug;
  let hash = 0;
  for (let index = 0; index < path.length; index += 1)
    hash = (Math.imul(hash, 31) + path.charCodeAt(index)) | 0;
  return `${slug.slice(0, SLUG_CHARS)}-${Math.abs(hash).toString(36)}`;
}
