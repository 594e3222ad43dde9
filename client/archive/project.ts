import { stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, posix, relative, resolve, sep, win32 } from "node:path";
import { slugify } from "../../contract/names.ts";
import { LIMITS } from "../../contract/limits.ts";
import { followLinks, isUnreachable } from "../home/reach.ts";
import { inMainWorktree, repositoryOf, type Repository } from "./repository.ts";

const UNKNOWN = "unknown";

/** Where work was done. */
export interface Workplace {
  cwd?: string | undefined;
  /** Name of the repository that was there at the time, where somebody noted it. */
  repository?: string | undefined;
}

/**
 * The project that work in a folder belongs to: the name of its repository's remote `origin`, else of the
 * repository's main folder, else of the folder. A folder that is gone, or of another machine or system, goes by the
 * repository that was noted, else by the repository it lay in, else by its name.
 */
export async function projectOf({ cwd, repository: noted }: Workplace, userHome: string): Promise<string> {
  const isHere = cwd !== undefined && isLocal(cwd) && (await isFolder(resolve(cwd)));
  const names = [isHere ? undefined : noted, ...(cwd === undefined ? [] : await namesAt(cwd, userHome))];
  const name = names.find((name) => name !== undefined && slugify(name) !== "");
  return name?.slice(0, LIMITS.client.projectChars).toWellFormed() ?? UNKNOWN;
}

async function namesAt(cwd: string, userHome: string): Promise<(string | undefined)[]> {
  const repository = await repositoryAt(cwd, userHome);
  return [repository?.originName, repository && mainName(repository), lastName(cwd)];
}

/** A folder of this machine under its several names. */
export interface Spellings {
  /** As it was given, and with links resolved. */
  own: readonly string[];
  /** Seen from the main worktree of its repository, so that all worktrees look alike. */
  main: string;
}

/** Undefined for a folder that cannot be on this machine. */
export async function spellingsOf(folder: string, userHome: string): Promise<Spellings | undefined> {
  if (!isLocal(folder)) return undefined;
  const given = resolve(folder);
  const real = await followLinks(given);
  const repository = await repositoryAt(real, userHome);
  return { own: [given, real], main: repository === undefined ? real : inMainWorktree(real, repository) };
}

/** True when `folder` is `parent` or lies in it. */
export function contains(parent: string, folder: string): boolean {
  const path = relative(parent, folder);
  return !isAbsolute(path) && path !== ".." && !path.startsWith(`..${sep}`);
}

/**
 * The repository a folder is or was in. Of a folder that is gone the nearest parent that still stands is asked: a
 * deleted subfolder, or a worktree inside its repository, is found so; a worktree elsewhere is not.
 */
async function repositoryAt(cwd: string, userHome: string): Promise<Repository | undefined> {
  if (!isLocal(cwd)) return undefined;
  const folder = resolve(cwd);
  const repository = await repositoryOf(await nearestFolder(folder));
  if (repository === undefined || repository.worktree === folder) return repository;
  // Who keeps the home folder in git does not mean that every project below it is one.
  return contains(repository.worktree, userHome) ? undefined : repository;
}

async function nearestFolder(path: string): Promise<string> {
  for (let level = path; ; level = dirname(level)) {
    if (dirname(level) === level || (await isFolder(level))) return level;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isUnreachable(error)) return false;
    throw error;
  }
}

/** Could be a folder of this system. Shares on a Windows network are not touched: they may not answer for a minute. */
function isLocal(path: string): boolean {
  if (path.includes("\0")) return false;
  return process.platform === "win32" ? /^[A-Za-z]:[\\/]/.test(path) : posix.isAbsolute(path);
}

/** A bare repository's folder is called `shop.git`. */
function mainName(repository: Repository): string {
  return basename(repository.main).replace(/\.git$/i, "");
}

/** The last name of a path of any system. */
function lastName(path: string): string {
  return posix.isAbsolute(path) ? posix.basename(path) : win32.basename(path);
}
