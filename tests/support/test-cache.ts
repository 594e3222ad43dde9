import { homedir } from "node:os";
import { join } from "node:path";

/** A folder for what tests fetch once for all clones of this machine: `npm ci` empties the one below `node_modules`. */
export function testCache(name: string): string {
  const caches = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return join(caches, "federated-memory-tests", name);
}
