import { enableCompileCache, getCompileCacheDir } from "node:module";
import { dirname, join } from "node:path";

/** Beside the program, where only who can change the program itself can write: what is in it is run. */
const FOLDER = join(import.meta.dirname, "../../node_modules/.cache/federated-memory");

/**
 * From now on modules that are loaded are kept compiled, types stripped, for the next start: that takes two thirds of the
 * time then, and the memory of the compiler in every thread is saved. Where the program's folder cannot be written to, all is
 * as without it.
 */
export function keepCompiled(): void {
  enableCompileCache(FOLDER);
}

/** The environment of a thread: nothing but where what is compiled is kept. */
export function threadEnvironment(): Record<string, string> {
  const folder = getCompileCacheDir();
  // In it Node makes one folder for each of its versions.
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}
