import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { sha256 } from "../../disk/digest.ts";
import { isErrno } from "../../disk/errno.ts";
import { testCache } from "./test-cache.ts";

const run = promisify(execFile);
const PINNED = join(import.meta.dirname, "../real-clients/pinned");
const CACHE = testCache("real-clients");

/** Where the programs of the real clients are. */
export interface RealClients {
  claude: string;
  codex: string;
}

/**
 * Installs the pinned clients from npm, once for each lockfile (some 800 MB). Throws when npm has no program for this
 * platform: what these tests show must not pass unseen.
 */
export async function realClients(): Promise<RealClients> {
  const digest = sha256(await readFile(join(PINNED, "package-lock.json")));
  const folder = join(CACHE, digest);
  if (!existsSync(folder)) await installInto(folder, digest);
  const bin = join(folder, "node_modules/.bin");
  return { claude: join(bin, "claude"), codex: join(bin, "codex") };
}

/** Test files run side by side: each makes a folder of its own, and the first that is whole is everybody's. */
async function installInto(folder: string, digest: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  for (const name of await readdir(CACHE))
    if (!name.startsWith(digest)) await rm(join(CACHE, name), { recursive: true, force: true });
  const draft = await mkdtemp(`${folder}.`);
  await install(draft);
  try {
    await rename(draft, folder);
  } catch (error) {
    if (!isErrno(error, "ENOTEMPTY", "EEXIST")) throw error;
    await rm(draft, { recursive: true });
  }
}

async function install(folder: string): Promise<void> {
  const env = { HOME: folder, PATH: process.env["PATH"], DISABLE_AUTOUPDATER: "1", DISABLE_TELEMETRY: "1" };
  for (const name of ["package.json", "package-lock.json"])
    await copyFile(join(PINNED, name), join(folder, name));
  await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder });
  // Newer versions of npm run no install scripts; this one puts the program in its place.
  await run(process.execPath, [join(folder, "node_modules/@anthropic-ai/claude-code/install.cjs")]);
  for (const name of ["claude", "codex"])
    await run(join(folder, "node_modules/.bin", name), ["--version"], { env });
}
