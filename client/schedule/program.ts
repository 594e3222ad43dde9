import { execFile } from "node:child_process";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { isErrno } from "../../disk/errno.ts";
import type { Environment } from "../home/home.ts";

/** How a scheduler's own program ended; `code` undefined when it is not there or was ended. */
export interface Ended {
  code: number | undefined;
  stdout: string;
  stderr: string;
}

/** Runs a program of the operating system, at most `LIMITS.client.programMs` long. Never throws for what it answers. */
export function tryProgram(
  { env }: Environment,
  name: string,
  args: readonly string[],
  stdin = "",
): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { ...env }, timeout: LIMITS.client.programMs, windowsHide: true };
    const child = execFile(name, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : undefined;
      resolve({ code, stdout, stderr: isErrno(error, "ENOENT") ? `${name} is not installed` : stderr });
    });
    // A program that is gone reads nothing.
    child.stdin?.on("error", () => {});
    child.stdin?.end(stdin);
  });
}

/** The same, for one that must do what it is asked. Throws `unavailable` with what it said. */
export async function runProgram(
  environment: Environment,
  name: string,
  args: readonly string[],
  stdin = "",
): Promise<string> {
  const { code, stdout, stderr } = await tryProgram(environment, name, args, stdin);
  if (code === 0) return stdout;
  const said = (stderr.trim() || stdout.trim()).split("\n")[0] ?? "";
  throw new AppError("unavailable", `${name} ${args.join(" ")} failed: ${said || "it said nothing"}`);
}
