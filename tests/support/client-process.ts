import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const MAIN = join(import.meta.dirname, "../../client/main.ts");

export interface ClientRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface ClientOptions {
  /** The person's home folder. Nothing of this machine's environment but PATH is passed on. */
  home: string;
  env?: Record<string, string>;
  /** What stands on stdin; without it stdin is empty. */
  input?: string;
}

/** Runs `memory-sync` as a process of its own. */
export async function runClient(
  args: readonly string[],
  { home, env, input }: ClientOptions,
): Promise<ClientRun> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: home,
    env: { PATH: process.env["PATH"], HOME: home, ...env },
    stdio: "pipe",
  });
  child.stdin.end(input ?? "");
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { code, stdout, stderr };
}
