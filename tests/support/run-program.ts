import { spawn } from "node:child_process";
import { once } from "node:events";

interface Finished {
  code: number | null;
  out: string;
  err: string;
}

/** Runs Node with these arguments and this environment until it ends by itself. */
export async function runProgram(args: string[], env: Record<string, string>): Promise<Finished> {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString("utf8")));
  const [code] = await once(child, "close");
  return { code: typeof code === "number" ? code : null, out, err };
}
