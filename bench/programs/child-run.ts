import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** A program that runs to its end. */
interface ChildRun {
  /** Arguments of this Node: a file and its own arguments, or `-e` and a text. */
  args: readonly string[];
  /** Another program than this Node. */
  program?: string;
  env?: Record<string, string>;
  stdin?: string;
}

interface Ended {
  /** From the call that started the process until it had ended and said everything. */
  ms: number;
  stdout: string;
}

/** Runs this Node, or another program, with nothing of this process's environment but PATH. Throws when its exit code is not 0. */
export async function runChild({
  args,
  program = process.execPath,
  env = {},
  stdin = "",
}: ChildRun): Promise<Ended> {
  const started = performance.now();
  const child = spawn(program, [...args], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  // A program that does not read its input may be gone before it was written.
  child.stdin.on("error", () => undefined);
  child.stdin.end(stdin);
  const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, "close")]);
  if (code !== 0) throw new Error(`${program} ${args.join(" ").slice(0, 200)} ended with ${String(code)}`);
  return { ms: performance.now() - started, stdout };
}
