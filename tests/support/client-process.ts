import { join } from "node:path";
import { runProgram, type Finished } from "./run-program.ts";

const MAIN = join(import.meta.dirname, "../../client/main.ts");

export interface ClientOptions {
  /** The person's home folder. Nothing of this machine's environment but PATH is passed on. */
  home: string;
  env?: Record<string, string>;
  /** What stands on stdin; without it stdin is empty. */
  input?: string;
}

/** Runs `memory-sync` as a process of its own. */
export function runClient(
  args: readonly string[],
  { home, env, input = "" }: ClientOptions,
): Promise<Finished> {
  return runProgram([MAIN, ...args], { HOME: home, ...env }, { cwd: home, stdin: input });
}
