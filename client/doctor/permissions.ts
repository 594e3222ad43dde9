import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { unlessMissing } from "../../disk/errno.ts";
import type { Home } from "../home/home.ts";
import { isReadByOthers } from "../setup/own-files.ts";
import { envFile } from "../setup/shell-files.ts";
import { shellPath, type Facts } from "./facts.ts";
import { fail, ok, type Finding } from "./finding.ts";

/** Whether others of this machine can read what is secret. */
export async function permissionFindings({ environment }: Facts): Promise<Finding[]> {
  if (process.platform === "win32") return [];
  const { home } = environment;
  const folders = await readByOthers([home.root]);
  const files = await readByOthers(await secretFiles(home));
  const exposed = [...folders, ...files];
  if (exposed.length === 0) return [ok("files.permissions", "nobody else can read what is secret")];
  const change = (mode: string, paths: readonly string[]): string[] =>
    paths.length === 0
      ? []
      : [`chmod ${mode} ${paths.map((path) => shellPath(path, environment)).join(" ")}`];
  const command = [...change("700", folders), ...change("600", files)].join(" && ");
  return [fail("files.permissions", `others of this machine can read ${exposed.join(", ")}`, { command })];
}

/** Tokens, and copies of settings files, which may hold some. */
async function secretFiles(home: Home): Promise<string[]> {
  const backups = join(home.root, "backups");
  const copies = (await unlessMissing(readdir(backups))) ?? [];
  const own = [home.credentials, envFile(home), join(home.root, "setup.json")];
  return [...own, ...copies.map((name) => join(backups, name))];
}

async function readByOthers(paths: readonly string[]): Promise<string[]> {
  const isExposed = await Promise.all(paths.map(isReadByOthers));
  return paths.filter((_, index) => isExposed[index] === true);
}
