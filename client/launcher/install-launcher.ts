import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { TempFile } from "../../disk/atomic-file.ts";
import { Folder, makeFolders } from "../../disk/folder.ts";
import type { Environment } from "../home/home.ts";
import { batchLauncher, keptVariables, shellLauncher, type LauncherFacts } from "./launcher.ts";

/** Where the client lies once it is installed. */
export interface Installed {
  /** What hooks, schedules and people start. */
  launcher: string;
  bundle: string;
}

/** The places of an installed client, whether it is there or not. */
export function installedAt({ home }: Environment): Installed {
  const windows = process.platform === "win32";
  return {
    launcher: join(home.bin, windows ? "memory-sync.cmd" : "memory-sync"),
    bundle: join(home.bin, "memory-sync.mjs"),
  };
}

/** What the launcher of this process's client is made from. */
export function launcherFacts(environment: Environment): LauncherFacts {
  return {
    node: process.execPath,
    bundle: installedAt(environment).bundle,
    hookLog: join(environment.home.log, "hook.log"),
    variables: keptVariables(environment.env),
  };
}

/** The launcher's text for this platform. */
export function launcherText(facts: LauncherFacts): string {
  return process.platform === "win32" ? batchLauncher(facts) : shellLauncher(facts);
}

/** Puts a program of the client into its `bin`, in one step: a hook may start the one that is there at any moment. */
export async function placeProgram(environment: Environment, name: string, data: Uint8Array): Promise<void> {
  const { home } = environment;
  await makeFolders(home.bin);
  await using folder = await Folder.open(home.bin);
  await using file = await TempFile.create(folder);
  await file.write(data);
  await chmod(folder.at(file.name), 0o755);
  await file.finish();
  await file.moveTo(name);
  await folder.sync();
}
