import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { LIMITS } from "../../contract/limits.ts";
import { isUnreachable } from "../home/reach.ts";

/** A git repository on this machine; all its worktrees are one. git itself is not needed: its files are read. */
export interface Repository {
  /** The folder that holds `.git`, of the worktree asked about. */
  worktree: string;
  /** The folder of the main worktree; of a bare repository, the repository itself. */
  main: string;
  /** Last name of the remote `origin`, without `.git`. */
  originName?: string;
}

/** The repository that `folder` (absolute, existing) lies in, or undefined. */
export async function repositoryOf(folder: string): Promise<Repository | undefined> {
  for (let level = folder; ; level = dirname(level)) {
    const gitFolder = await gitFolderOf(level);
    if (gitFolder !== undefined) return describe(level, gitFolder);
    if (dirname(level) === level) return undefined;
  }
}

/** Where a path inside a worktree lies, seen from the main worktree. */
export function inMainWorktree(path: string, repository: Repository): string {
  return resolve(repository.main, relative(repository.worktree, path));
}

/** The git folder of a worktree: `.git`, or where the file `.git` points (linked worktrees, submodules). */
async function gitFolderOf(worktree: string): Promise<string | undefined> {
  const entry = join(worktree, ".git");
  try {
    if ((await stat(entry)).isDirectory()) return (await isGitFolder(entry)) ? entry : undefined;
  } catch (error) {
    if (isUnreachable(error)) return undefined;
    throw error;
  }
  const target = /^gitdir:[ \t]*(.+?)\s*$/m.exec((await readText(entry)) ?? "")?.[1];
  return target === undefined ? undefined : resolve(worktree, target);
}

async function isGitFolder(folder: string): Promise<boolean> {
  return (await readText(join(folder, "HEAD"))) !== undefined;
}

async function describe(worktree: string, gitFolder: string): Promise<Repository> {
  const shared = await sharedFolderOf(gitFolder);
  const originName = originNameOf((await readText(join(shared, "config"))) ?? "");
  const main = shared === gitFolder ? worktree : mainOf(shared);
  return { worktree, main, ...(originName === undefined ? {} : { originName }) };
}

/**
 * The git folder that all worktrees share. `commondir` exists in the git folder of a linked worktree only; where the
 * main repository is gone, the path still tells. Source: gitrepository-layout(5).
 */
async function sharedFolderOf(gitFolder: string): Promise<string> {
  const common = (await readText(join(gitFolder, "commondir")))?.trim();
  return common ? resolve(gitFolder, common) : gitFolder.replace(/[\\/]worktrees[\\/][^\\/]+$/, "");
}

/** `/src/shop/.git` and `/src/shop/.bare` belong to `/src/shop`; `/srv/shop.git` stands for itself. */
function mainOf(shared: string): string {
  return basename(shared).startsWith(".") ? dirname(shared) : shared;
}

/** The repository's name in the first url of the remote `origin` of a git config. Includes are not followed. */
export function originNameOf(config: string): string | undefined {
  let inOrigin = false;
  for (const raw of config.replace(/\\\r?\n/g, "").split(/\r?\n/)) {
    const header = /^\s*\[\s*([^\]"]*?)\s*(?:"((?:[^"\\]|\\.)*)")?\s*\](.*)$/.exec(raw);
    if (header !== null) inOrigin = isOrigin(header[1] ?? "", header[2]);
    const url = /^\s*url\s*=\s*(.*)$/i.exec(header === null ? raw : (header[3] ?? ""))?.[1];
    if (inOrigin && url !== undefined) return nameInUrl(configValue(url));
  }
  return undefined;
}

function isOrigin(section: string, subsection: string | undefined): boolean {
  if (subsection === undefined) return section.toLowerCase() === "remote.origin";
  return section.toLowerCase() === "remote" && subsection.replace(/\\(.)/g, "$1") === "origin";
}

/** A value as git reads it: quotes taken off, a comment after it dropped. */
function configValue(text: string): string {
  let value = "";
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const char = text.charAt(index);
    if (char === '"') quoted = !quoted;
    else if (!quoted && (char === "#" || char === ";")) break;
    else if (char === "\\") value += text.charAt((index += 1));
    else value += char;
  }
  return value.trim();
}

/** `git@host:me/shop.git`, `https://host/me/shop/`, `C:\repos\shop.git` → `shop`. */
export function nameInUrl(url: string): string | undefined {
  const path = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, "").replace(/[?#].*$/, "");
  const last = path.split(/[/\\:]/).findLast((part) => part !== "" && part !== ".git");
  const name = last?.replace(/\.git$/i, "");
  return name === "" ? undefined : name;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    return size > LIMITS.client.gitConfigBytes ? undefined : await readFile(path, "utf8");
  } catch (error) {
    if (isUnreachable(error)) return undefined;
    throw error;
  }
}
