import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Folder } from "../../disk/folder.ts";
import { tempFolder } from "../support/temp-folder.ts";

const NAMES = ["one", "two", "three"] as const;

/** `top/one/two/three` with a file in it, beside links to it and to nothing, and a link to `top` itself. */
async function tree() {
  const folder = await tempFolder();
  const top = join(folder.path, "top");
  await mkdir(join(top, ...NAMES), { recursive: true });
  await writeFile(join(top, ...NAMES, "file"), "here");
  await writeFile(join(top, "one/plain"), "no folder");
  await symlink("one", join(top, "linked"));
  await symlink("two", join(top, "one/linked"));
  await symlink("three", join(top, "one/two/linked"));
  await symlink("nothing", join(top, "one/broken"));
  await symlink("top", join(folder.path, "other"));
  return {
    top,
    other: join(folder.path, "other"),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** Both ways into a folder that lies several names below. */
const WAYS: [string, (path: string, names: readonly string[]) => Promise<Folder>][] = [
  ["below", (path, names) => Folder.below(path, ...names)],
  [
    "enter",
    async (path, names) => {
      await using top = await Folder.open(path);
      return await top.enter(...names);
    },
  ],
];

describe.each(WAYS)("a folder several names below, by %s", (_, go) => {
  it("is the one that its names say", async () => {
    await using scene = await tree();

    await using folder = await go(scene.top, NAMES);

    expect(await folder.names()).toEqual(["file"]);
    await using file = await folder.openFile("file");
    expect(await file.readFile("utf8")).toBe("here");
  });

  it("may lie below a path of the owner's that leads through a link", async () => {
    await using scene = await tree();

    await using folder = await go(join(scene.other, "one"), ["two", "three"]);

    expect(await folder.names()).toEqual(["file"]);
  });

  it.each([
    ["first", ["linked", "two", "three"]],
    ["in the middle", ["one", "linked", "three"]],
    ["last", ["one", "two", "linked"]],
    ["broken", ["one", "broken", "three"]],
    ["broken and last", ["one", "broken"]],
  ])("is not entered through a link that is %s", async (_, names) => {
    await using scene = await tree();

    const entering = go(scene.top, names);

    await expect(entering).rejects.toMatchObject({ code: "forbidden" });
  });

  it.each([
    ["in the middle", ["one", "plain", "three"]],
    ["last", ["one", "plain"]],
  ])("is not entered through a file %s", async (_, names) => {
    await using scene = await tree();

    const entering = go(scene.top, names);

    await expect(entering).rejects.toMatchObject({ code: "forbidden" });
  });

  it.each([
    ["in the middle", ["one", "missing", "three"]],
    ["last", ["one", "two", "missing"]],
  ])("is missing when a name is missing %s", async (_, names) => {
    await using scene = await tree();

    const entering = go(scene.top, names);

    await expect(entering).rejects.toMatchObject({ code: "ENOENT" });
  });

  it.each(["..", ".", "", "a/b", "a\0b"])("has no name %j on its way", async (name) => {
    await using scene = await tree();

    const entering = go(scene.top, ["one", name, "two"]);

    await expect(entering).rejects.toThrow("one path segment");
  });
});

it("a folder that is closed gives no paths any more", async () => {
  await using scene = await tree();
  const folder = await Folder.below(scene.top, ...NAMES);

  await folder[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();

  expect(() => folder.at("file")).toThrow("closed");
});
