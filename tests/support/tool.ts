import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Programs of the system stand here also when PATH does not name the folder. */
const PLACES = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];

/**
 * The path of a program of the system that a test runs for real, for `describe.skipIf(path === undefined)`. Where it is
 * missing it says so aloud; in continuous integration (CI is set) it throws, for nothing may pass unseen there.
 */
export function tool(name: string, debianPackage: string): string | undefined {
  const found = PLACES.map((folder) => join(folder, name)).find(isProgram);
  if (found !== undefined) return found;
  const said = `NOT SHOWN: ${name} is not installed (Debian: apt-get install ${debianPackage})`;
  if (process.env["CI"] !== undefined) throw new Error(said);
  console.error(said);
  return undefined;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
