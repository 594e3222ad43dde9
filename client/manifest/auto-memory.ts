import { join } from "node:path";

const SLUG_CHARS = 200;

/**
 * The folder where Claude Code keeps its notes about a project: by the root of the main git worktree (the folder itself
 * outside git), links resolved. `claudeHome` is `~/.claude` unless CLAUDE_CONFIG_DIR says otherwise.
 */
export function autoMemoryFolder(claudeHome: string, projectRoot: string): string {
  return join(claudeHome, "projects", claudeSlug(projectRoot), "memory");
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
