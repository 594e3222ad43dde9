import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { finished, type Finished } from "./run-program.ts";

const DEPLOY = join(import.meta.dirname, "../../deploy");

/** Where tokens and settings lie, below the folder that stands for the machine. */
export const ENV = "opt/federated-memory/.env";
/** How most tests install. */
export const HTTPS = ["--self-signed", "memory.example", "--lan"];

/** Runs install.sh on the machine that a folder stands for. */
export function install(root: string, args: readonly string[]): Promise<Finished> {
  return finished(spawn("bash", [join(DEPLOY, "install.sh"), "--root", root, ...args], { stdio: "pipe" }));
}

/** Runs uninstall.sh there; `typed` is what its person answers. */
export function uninstall(root: string, args: readonly string[], typed = ""): Promise<Finished> {
  const all = [join(DEPLOY, "uninstall.sh"), "--root", root, ...args];
  return finished(spawn("bash", all, { stdio: "pipe" }), typed);
}

/** What lies outside of the program's folder and of the data. */
export function installedFiles(root: string): string[] {
  return globSync("{etc,usr}/**", { cwd: root, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, basename(entry.name)).slice(root.length))
    .sort();
}
