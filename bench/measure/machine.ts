import { execFile } from "node:child_process";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { rgPath } from "@vscode/ripgrep";

const ROOT = join(import.meta.dirname, "../..");
const GIB = 1024 ** 3;
const run = promisify(execFile);

/** Where and with what something was measured, as names and values. */
export async function machineFacts(): Promise<[name: string, value: string][]> {
  const { node, sqlite, zlib } = process.versions;
  return [
    ["date", new Date().toISOString().slice(0, 16).replace("T", " ")],
    ["source", await commit()],
    ["processor", `${cpus()[0]?.model ?? "unknown"}, ${availableParallelism()} cores to use`],
    ["memory", `${(totalmem() / GIB).toFixed(0)} GiB`],
    ["system", `${type()} ${release()}`],
    ["programs", `Node ${node}, SQLite ${sqlite}, zlib ${zlib}, ${await firstLine(rgPath, ["--version"])}`],
    ["load at the start", loadText()],
  ];
}

/** Processes that wanted to run, over 1, 5 and 15 minutes. */
export function loadText(): string {
  return loadavg()
    .map((load) => load.toFixed(1))
    .join(" ");
}

async function commit(): Promise<string> {
  try {
    const [head, changes] = [await git("rev-parse", "--short", "HEAD"), await git("status", "--porcelain")];
    return changes === "" ? head : `${head} and changes that are not committed`;
  } catch {
    // An unpacked archive has no history.
    return "unknown";
  }
}

async function git(...args: string[]): Promise<string> {
  return (await run("git", args, { cwd: ROOT })).stdout.trim();
}

async function firstLine(program: string, args: string[]): Promise<string> {
  return (await run(program, args)).stdout.split("\n")[0] ?? "";
}
