import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { AppError } from "../../contract/errors.ts";
import { expandHome, type Environment } from "../home/home.ts";
import { isUnreachable } from "../home/reach.ts";

/** Where Node looks for more certificates, once, when it starts. The launcher keeps it. */
export const CA_VARIABLE = "NODE_EXTRA_CA_CERTS";

/**
 * Runs this very command line again in a program that trusts the certificates in a file besides the usual ones, and
 * gives its exit code; undefined where this one does so already. Throws `invalid_input` for a file without certificates.
 */
export async function runTrusting(environment: Environment, file: string): Promise<number | undefined> {
  const path = expandHome(file, environment.userHome);
  if (environment.env[CA_VARIABLE] === path) return undefined;
  // Node itself would go on without them.
  if (!(await textAt(path)).includes("-----BEGIN CERTIFICATE-----"))
    throw new AppError("invalid_input", `There are no certificates in PEM in ${path}`);
  const child = spawn(process.execPath, process.argv.slice(1), {
    env: { ...environment.env, [CA_VARIABLE]: path },
    stdio: "inherit",
  });
  const [code] = await once(child, "exit");
  return typeof code === "number" ? code : 1;
}

async function textAt(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isUnreachable(error)) return "";
    throw error;
  }
}
