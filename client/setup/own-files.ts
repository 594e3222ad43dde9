import { chmod, readFile, realpath, rm, stat } from "node:fs/promises";
import { basename } from "node:path";
import { AppError } from "../../contract/errors.ts";
import { unlessMissing } from "../../disk/errno.ts";
import type { Environment, Home } from "../home/home.ts";
import { placeProgram } from "../launcher/install-launcher.ts";

const RUNS = 0o100;
const OWNER_ONLY = 0o700;

/** The program that runs: it is what is installed. Throws `invalid_input` for sources. */
export async function ownProgram(): Promise<Buffer> {
  const path = await realpath(process.argv[1] ?? "");
  if (path.endsWith(".mjs")) return readFile(path);
  throw new AppError(
    "invalid_input",
    "Only the built program can be installed, and what runs here are its sources",
    {
      hint: "npm run build, then node dist/memory-sync.mjs install",
    },
  );
}

/** True when a program of ours is there, as it should be. */
export async function isInstalled({ path, data }: { path: string; data: Buffer }): Promise<boolean> {
  const present = await unlessMissing(readFile(path));
  const mode = (await unlessMissing(stat(path)))?.mode ?? 0;
  return present?.equals(data) === true && (mode & RUNS) !== 0;
}

/** Puts a program of ours into `bin`. False when it is there already. */
export async function installProgram(
  environment: Environment,
  { path, data }: { path: string; data: Buffer },
): Promise<boolean> {
  if (await isInstalled({ path, data })) return false;
  await placeProgram(environment, basename(path), data);
  return true;
}

/** True for a file that others of this machine may read. */
export async function isReadByOthers(path: string): Promise<boolean> {
  return process.platform !== "win32" && (((await unlessMissing(stat(path)))?.mode ?? 0) & 0o077) !== 0;
}

/** Makes the client's folder its owner's alone. False when it is, or when there is none yet. */
export async function closeHome({ root }: Home): Promise<boolean> {
  if (!(await isReadByOthers(root))) return false;
  await chmod(root, OWNER_ONLY);
  return true;
}

/** The text of a file of ours; undefined when there is none. */
export function ownText(path: string): Promise<string | undefined> {
  return unlessMissing(readFile(path, "utf8"));
}

/** True when the client keeps anything on this machine. */
export async function hasHome({ root }: Home): Promise<boolean> {
  return (await unlessMissing(stat(root))) !== undefined;
}

/** Removes all that the client keeps: tokens, manifests, what was not sent yet. */
export async function removeHome({ root }: Home): Promise<void> {
  await rm(root, { recursive: true, force: true });
}
