import {
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LOCK_NAME } from "../../client/memories/change-lock.ts";
import { removeLeftovers } from "../../client/memories/leftovers.ts";
import { SharedFolder } from "../../client/memories/shared-folder.ts";
import { LIMITS } from "../../contract/limits.ts";
import { folderContents } from "../support/folder-contents.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { meanwhile } from "../support/meanwhile.ts";
import type { OpenedFolder } from "../support/opened-memories.ts";
import { memoryFilesCases } from "./memory-files-suite.ts";
import { memoryPropertyCases } from "./memory-property-suite.ts";
import { memoryHelperCases } from "./memory-helper-suite.ts";
import { memorySdkCases } from "./memory-sdk-suite.ts";

type Opened = OpenedFolder & { files: SharedFolder };

async function open(): Promise<Opened> {
  const temp = await tempFolder();
  const folder = join(temp.path, "memories");
  const files = await SharedFolder.open(folder);
  return { files, folder, [Symbol.asyncDispose]: () => temp[Symbol.asyncDispose]() };
}

const NOTE = Buffer.from("a note\n");

describe("a memory in a folder", () => {
  memoryFilesCases({ openFolder: open });
  memorySdkCases(open);
  memoryHelperCases(open);
  memoryPropertyCases(open, { runs: 60 });

  it("gives nobody else a right, whatever the umask", async () => {
    const umask = process.umask(0);
    try {
      await using opened = await open();
      const { files, folder } = opened;

      await files.create("a/b.md", NOTE);
      const { sha256 = "" } = (await files.read("a/b.md")) ?? {};
      await files.replace("a/b.md", NOTE, sha256);

      const modes = await Promise.all(["", "a", "a/b.md"].map(async (path) => stat(join(folder, path))));
      expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o700, 0o700, 0o600]);
    } finally {
      process.umask(umask);
    }
  });

  it("leaves nothing beside the files", async () => {
    await using opened = await open();
    const { files, folder } = opened;

    await files.create("a/b.md", NOTE);
    await files.create("c/d/e.md", NOTE);
    await files.rename("a/b.md", "f/g.md");
    await files.remove("c");

    expect(await readdir(folder, { recursive: true })).toEqual(["f", "f/g.md"]);
  });

  it("serves a folder that a link leads to, and follows no link in it", async () => {
    await using opened = await open();
    const { folder } = opened;
    await writeFile(`${folder}-secret`, "secret");
    await mkdir(join(folder, "in"));
    await symlink(folder, `${folder}-link`);
    await symlink(`${folder}-secret`, join(folder, "in/file.md"));
    await symlink(join(folder, ".."), join(folder, "up"));
    const files = await SharedFolder.open(`${folder}-link`);

    const refused = [
      () => files.look("in/file.md"),
      () => files.read("in/file.md"),
      () => files.look("up/memories-secret"),
      () => files.read("up/memories-secret"),
      () => files.create("up/new.md", NOTE),
      () => files.create("in/file.md", NOTE),
      () => files.remove("up"),
      () => files.remove("in"),
      () => files.rename("in/file.md", "out.md"),
      () => files.rename("up", "down"),
    ];
    const codes = await Promise.all(refused.map((work) => work().then(String, (error) => error.code)));

    expect(codes).toEqual(refused.map((_, index) => (index === 7 ? "conflict" : "forbidden")));
    expect(await files.list("")).toEqual([{ path: "in", kind: "folder", bytes: 0 }]);
    expect(await files.create("new.md", NOTE)).toBe("done");
    expect(await readFile(`${folder}-secret`, "utf8")).toBe("secret");
    expect((await readdir(join(folder, ".."))).sort()).toEqual([
      "memories",
      "memories-link",
      "memories-secret",
    ]);
  });

  it("shows folders that a person made, and deletes neither what is hidden nor what is above it", async () => {
    await using opened = await open();
    const { files, folder } = opened;
    await mkdir(join(folder, ".git/objects"), { recursive: true });
    await mkdir(join(folder, "empty"));
    await mkdir(join(folder, "mine/.secret"), { recursive: true });
    await files.create("mine/note.md", NOTE);
    await files.create("top.md", NOTE);
    const before = await folderContents(folder);

    const listed = await files.list("");
    const refused = await Promise.all(
      [files.remove("mine"), files.clear()].map((work) => work.catch(String)),
    );

    expect(listed.map(({ path }) => path)).toEqual(["empty", "mine", "mine/note.md", "top.md"]);
    expect(refused).toEqual([
      expect.stringContaining('"mine/.secret" is not a memory'),
      expect.stringContaining('"mine/.secret" is not a memory'),
    ]);
    expect(await folderContents(folder)).toEqual(before);
    expect(await files.remove("empty")).toBe("done");
    expect(await files.remove("mine/note.md")).toBe("done");
    expect((await readdir(folder)).sort()).toEqual([".git", "mine", "top.md"]);
  });

  it("clears all that is the tool's", async () => {
    await using opened = await open();
    const { files, folder } = opened;
    await mkdir(join(folder, ".git"));
    for (const path of ["a.md", "b/c.md", "b/d/e.md"]) await files.create(path, NOTE);

    await files.clear();

    expect(await readdir(folder)).toEqual([".git"]);
  });

  it("takes changes of several programs one by one: of eight edits at once none is lost", async () => {
    await using opened = await open();
    const { files, folder } = opened;
    await files.create("log.md", Buffer.alloc(0));
    const programs = await Promise.all(Array.from({ length: 8 }, () => SharedFolder.open(folder)));

    await Promise.all(
      programs.map((program, index) =>
        program.alone(async (held) => {
          const { bytes, sha256 } = (await held.read("log.md")) ?? { bytes: NOTE, sha256: "" };
          await held.replace("log.md", Buffer.concat([bytes, Buffer.from(`${index}\n`)]), sha256);
        }),
      ),
    );

    const lines = (await readFile(join(folder, "log.md"), "utf8")).split("\n").sort();
    expect(lines).toEqual(["", "0", "1", "2", "3", "4", "5", "6", "7"]);
  });

  it("renames a file once when two want to, and loses nothing", async () => {
    await using opened = await open();
    const { files, folder } = opened;
    await files.create("a.md", NOTE);
    const other = await SharedFolder.open(folder);

    const results = await Promise.all([files.rename("a.md", "b.md"), other.rename("a.md", "c.md")]);

    expect(results.toSorted()).toEqual(["done", "missing"]);
    expect(await readdir(folder)).toHaveLength(1);
  });

  it.each([
    ["create", { name: "link", at: 2 }, (files) => files.create("new.md", NOTE)],
    ["rename a file", { name: "link", at: 2 }, (files) => files.rename("a.md", "new.md")],
    ["rename a folder", { name: "rename", at: 1 }, (files) => files.rename("f", "new.md")],
  ] satisfies [string, Parameters<typeof meanwhile>[0], (files: SharedFolder) => Promise<string>][])(
    "does not replace what a person puts there at the last moment: %s",
    async (_, moment, act) => {
      await using opened = await open();
      const { files, folder } = opened;
      for (const path of ["a.md", "f/b.md"]) await files.create(path, NOTE);
      using person = meanwhile(moment, () => writeFile(join(folder, "new.md"), "a person's"));

      const result = await act(files);

      expect([person.reached, result]).toEqual([true, "exists"]);
      expect(await readFile(join(folder, "new.md"), "utf8")).toBe("a person's");
      expect((await readdir(folder, { recursive: true })).toSorted()).toEqual([
        "a.md",
        "f",
        "f/b.md",
        "new.md",
      ]);
    },
  );

  it("keeps to the content of a file that has another name too", async () => {
    await using opened = await open();
    const { files, folder } = opened;
    await files.create("a.md", NOTE);
    await link(join(folder, "a.md"), join(folder, "b.md"));
    const { sha256 = "" } = (await files.read("a.md")) ?? {};

    await files.replace("a.md", Buffer.from("new"), sha256);

    expect(await readFile(join(folder, "b.md"), "utf8")).toBe("a note\n");
  });

  it("refuses a file that is longer than it holds", async () => {
    await using opened = await open();
    const { files, folder } = opened;
    await writeFile(join(folder, "big.md"), "");
    await truncate(join(folder, "big.md"), LIMITS.client.memoryFileBytes + 1);

    await expect(files.read("big.md")).rejects.toMatchObject({ code: "too_large" });
  });

  it("removes what a crash left once it is old, and nothing else", async () => {
    await using opened = await open();
    const { files, folder } = opened;
    await files.create("sub/note.md", NOTE);
    await mkdir(join(folder, ".deleted-1-x/deep"), { recursive: true });
    const left = ["sub/.tmp-1-x", ".deleted-1-x/deep/a.md", `${LOCK_NAME}.1-x`];
    const kept = [".gitignore", ".tmpfile", "sub/.hidden"];
    for (const path of [...left, ...kept]) await writeFile(join(folder, path), "x");

    await removeLeftovers(folder, Date.now() + LIMITS.client.memoryLeftoverMs - 60_000);
    const young = await Promise.all(left.map((path) => lstat(join(folder, path))));
    await removeLeftovers(folder, Date.now() + LIMITS.client.memoryLeftoverMs + 60_000);

    expect(young).toHaveLength(left.length);
    const names = await readdir(folder, { recursive: true });
    expect(names.sort()).toEqual([...kept, "sub", "sub/note.md"].sort());
  });

  it("says that a folder cannot be used, without its place", async () => {
    await using opened = await open();
    const { files, folder } = opened;
    await files.create("a.md", NOTE);
    await rm(folder, { recursive: true });

    const error: unknown = await files.create("b.md", NOTE).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: "unavailable", message: expect.stringContaining("ENOENT") });
    expect(error).toMatchObject({ hint: expect.stringContaining("read and write") });
    expect(String(error)).not.toContain(folder);
  });
});
