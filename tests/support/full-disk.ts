import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/** Until disposed: the disk says that it has no room left. What is written all the same is written. */
export function fullDisk(): Disposable {
  const { statfs } = fs.promises;
  set(async (path: fs.PathLike) => Object.assign(await statfs(path), { bavail: 0 }));
  return { [Symbol.dispose]: () => set(statfs) };
}

function set(statfs: unknown): void {
  Reflect.set(fs.promises, "statfs", statfs);
  syncBuiltinESMExports();
}
