import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { childEnv } from "./child-env.ts";

/** How a process ended, and what it wrote. */
export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs Node with these arguments and this environment until it ends by itself. */
export function runProgram(
  args: readonly string[],
  env: Record<string, string>,
  { cwd, stdin }: { cwd?: string; stdin?: string } = {},
): Promise<Finished> {
  return finished(spawn(process.execPath, args, { cwd, env: childEnv(env), stdio: "pipe" }), stdin);
}

/** Gives a process its whole stdin and waits for its end. */
export async function finished(child: ChildProcessWithoutNullStreams, stdin = ""): Promise<Finished> {
  // A program that does not read its input may be gone before it was written.
  child.stdin.on("error", () => {});
  child.stdin.end(stdin);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code: typeof code === "number" ? code : null, stdout, stderr };
}
