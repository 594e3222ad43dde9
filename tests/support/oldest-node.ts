import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { testCache } from "./test-cache.ts";

/** A Node that is installed on this machine. */
export interface InstalledNode {
  path: string;
  /** `v20.20.2` */
  version: string;
}

/** Majors that the client supports and the server does not. */
const OLD_MAJORS = /^v2[0-3]\./;
/** What is fetched where there is none. */
const FETCHED = "20.20.2";

/** The first older Node on PATH that no package brought along; where there is none, one from npm, fetched once. */
export function oldestNode(): InstalledNode {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const folders = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => !folder.includes("node_modules"));
  for (const folder of new Set(folders)) {
    const path = join(folder, name);
    const version = versionOf(path);
    if (OLD_MAJORS.test(version)) return { path, version };
  }
  return fetched();
}

/** Throws what npm says where it has none for this platform: what these tests show must not pass unseen. */
function fetched(): InstalledNode {
  const platform = process.platform === "win32" ? "win" : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const folder = testCache(`${name}-${FETCHED}`);
  const path = join(folder, "node_modules", name, process.platform === "win32" ? "bin/node.exe" : "bin/node");
  const fetch = ["install", "--prefix", folder, "--no-audit", "--no-fund", `${name}@${FETCHED}`];
  if (!existsSync(path)) execFileSync("npm", fetch, { shell: process.platform === "win32" });
  return { path, version: versionOf(path) };
}

function versionOf(path: string): string {
  return (spawnSync(path, ["--version"], { encoding: "utf8" }).stdout ?? "").trim();
}
