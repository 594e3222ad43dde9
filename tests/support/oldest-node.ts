import { spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";

/** A Node that is installed on this machine. */
export interface InstalledNode {
  path: string;
  /** `v20.20.2` */
  version: string;
}

/** Majors that the client supports and the server does not. */
const OLD_MAJORS = /^v2[0-3]\./;

/**
 * The first older Node on PATH that no package brought along. Where there is none it says so aloud and gives the one that
 * runs this test; in continuous integration (CI is set) it throws, for nothing may pass unseen there.
 */
export function oldestNode(): InstalledNode {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const folders = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => !folder.includes("node_modules"));
  for (const folder of new Set(folders)) {
    const path = join(folder, name);
    const version = (spawnSync(path, ["--version"], { encoding: "utf8" }).stdout ?? "").trim();
    if (OLD_MAJORS.test(version)) return { path, version };
  }
  const said = `NOT SHOWN: no Node of the versions 20 to 23 is on PATH; this is ${process.version}`;
  if (process.env["CI"] !== undefined) throw new Error(said);
  console.error(said);
  return { path: process.execPath, version: process.version };
}
