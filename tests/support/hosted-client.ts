import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readClientFiles, type ClientFiles } from "../../server/handing-out/client-files.ts";
import { HttpEdge } from "./http-edge.ts";
import { tempFolder } from "./temp-folder.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Stands for the client: writes down what it was given, and all command lines of the system at that moment. */
const STAND_IN = `#!/usr/bin/env node
const fs = require("node:fs"), { join } = require("node:path");
const stdin = process.argv[2] === "install" ? fs.readFileSync(0, "utf8") : "";
const lines = fs.readdirSync("/proc").filter((name) => /^\\d+$/.test(name)).map((pid) => {
  try { return fs.readFileSync(join("/proc", pid, "cmdline"), "utf8").replaceAll("\\0", " "); } catch { return ""; }
});
const told = { args: process.argv.slice(2), stdin, lines, env: Object.keys(process.env), version: process.version };
fs.writeFileSync(join(process.env.HOME, "told.json"), JSON.stringify(told));
process.exitCode = Number(process.env.STAND_IN_EXIT ?? 0);
`.replace(
  "const fs",
  'import { createRequire } from "node:module"; const require = createRequire(import.meta.url); const fs',
);

/** A program folder as it is installed, with a stand-in for the built client. */
export async function programFolder(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await tempFolder();
  await mkdir(join(folder.path, "dist"));
  await mkdir(join(folder.path, "client"));
  for (const name of ["memory-sync.mjs", "memory-proxy.mjs"])
    await writeFile(join(folder.path, "dist", name), STAND_IN);
  for (const name of ["install.sh", "install.ps1"])
    await cp(join(ROOT, "client", name), join(folder.path, "client", name));
  return folder;
}

/** A server's HTTP edge that hands the stand-in out. `changed`: what it hands out instead. */
export async function hostClient(
  changed: (files: ClientFiles) => ClientFiles = (files) => files,
): Promise<HttpEdge> {
  await using folder = await programFolder();
  const files = await readClientFiles(folder.path, "1.2.3");
  if (files === undefined) throw new Error("the stand-in is there");
  return await HttpEdge.start({ clientFiles: changed(files), config: { publicUrl: undefined } });
}

/** What the stand-in wrote down in a HOME. */
export async function toldIn(
  home: string,
): Promise<{ args: string[]; stdin: string; lines: string[]; env: string[]; version: string }> {
  return JSON.parse(await readFile(join(home, "told.json"), "utf8"));
}
