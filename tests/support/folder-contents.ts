import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";

/** Everything below a folder, a line for each name in their order: its mode and its bytes, or where the link leads. */
export async function folderContents(folder: string): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).toSorted();
  return Promise.all(names.map(async (name) => `${name} ${await describe(join(folder, name))}`));
}

async function describe(path: string): Promise<string> {
  const stats = await lstat(path);
  if (stats.isSymbolicLink()) return `-> ${await readlink(path)}`;
  const mode = (stats.mode & 0o7777).toString(8);
  return stats.isDirectory() ? `${mode} folder` : `${mode} ${(await readFile(path)).toString("base64")}`;
}
