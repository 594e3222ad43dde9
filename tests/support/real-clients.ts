import { execFile } from "node:child_process";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { sha256 } from "../../disk/digest.ts";
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
  const installed = join(CACHE, "installed");
  if ((await readFile(installed, "utf8").catch(() => "")) !== digest) {
    await rm(CACHE, { recursive: true, force: true });
    await install();
    await writeFile(installed, digest);
  }
  const bin = join(CACHE, "node_modules/.bin");
  return { claude: join(bin, "claude"), codex: join(bin, "codex") };
}

async function install(): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  for (const name of ["package.json", "package-lock.json"])
    await copyFile(join(PINNED, name), join(CACHE, name));
  await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: CACHE });
  // Newer versions of npm run no install scripts; this one puts the program in its place.
  await run(process.execPath, [join(CACHE, "node_modules/@anthropic-ai/claude-code/install.cjs")]);
  await run(join(CACHE, "node_modules/.bin/claude"), ["--version"], { env: QUIET });
  await run(join(CACHE, "node_modules/.bin/codex"), ["--version"], { env: QUIET });
}

const QUIET = { HOME: CACHE, PATH: process.env["PATH"], DISABLE_AUTOUPDATER: "1", DISABLE_TELEMETRY: "1" };
