import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as z from "zod";
import { tempFolder } from "./temp-folder.ts";

const require = createRequire(import.meta.url);
const SUITE = join(
  dirname(require.resolve("@modelcontextprotocol/conformance/package.json")),
  "dist/index.js",
);
const Checks = z.array(z.object({ id: z.string(), status: z.string() }));

export interface ConformanceRun {
  exitCode: number | null;
  /** `scenario: check` of every check, by its status. */
  checks: { status: string; name: string }[];
}

/** Runs the official conformance suite, as a process of its own, against a server that needs no token. */
export async function runConformance(url: string, revision: string): Promise<ConformanceRun> {
  await using folder = await tempFolder();
  const options = ["server", "--url", url, "--requirements", revision, "-o", folder.path];
  const suite = spawn(process.execPath, [SUITE, ...options], { stdio: "ignore", cwd: folder.path });
  await once(suite, "exit");
  const runs = await readdir(folder.path);
  const checks = await Promise.all(runs.toSorted().map((run) => checksOf(folder.path, run)));
  return { exitCode: suite.exitCode, checks: checks.flat() };
}

async function checksOf(folder: string, run: string): Promise<ConformanceRun["checks"]> {
  const scenario = run.replace(/^server-/, "").replace(/-\d{4}-\d{2}-\d{2}T.*$/, "");
  const found = Checks.parse(JSON.parse(await readFile(join(folder, run, "checks.json"), "utf8")));
  return found.map(({ id, status }) => ({ status, name: `${scenario}: ${id}` }));
}
