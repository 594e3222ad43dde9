import { execFile } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { makeFolders } from "../../disk/folder.ts";
import { tempFolder } from "../support/temp-folder.ts";

const FOLDER = join(import.meta.dirname, "../../disk/folder.ts");
const run = promisify(execFile);

it("makes every missing folder, for the owner only, and leaves what is there", async () => {
  await using temp = await tempFolder();
  const path = join(temp.path, "a/b/c");

  await makeFolders(path);
  await makeFolders(path);

  for (const folder of ["a", "a/b", "a/b/c"])
    expect((await stat(join(temp.path, folder))).mode & 0o777).toBe(0o700);
});

// A process of its own, because the path is relative to where a process is.
it.each(["z", "z/y", "./z", "z/"])("comes to an end for the relative path %s", async (path) => {
  await using temp = await tempFolder();
  const script = `import { makeFolders } from ${JSON.stringify(FOLDER)}; await makeFolders(${JSON.stringify(path)});`;

  await run(process.execPath, ["--input-type=module", "--eval", script], { cwd: temp.path });

  expect(await readdir(temp.path)).toEqual(["z"]);
});

it.each(["/", "."])("has nothing to make at %s", async (path) => {
  await expect(makeFolders(path)).resolves.toBeUndefined();
});
