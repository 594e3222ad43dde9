import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openRoot } from "../../server/storage/format.ts";
import { acquireLock } from "../../server/storage/lock.ts";
import { tempFolder } from "../support/temp-folder.ts";

const HOLDER = fileURLToPath(new URL("../support/lock-holder.ts", import.meta.url));

describe("the lock of MEMORY_ROOT (I4)", () => {
  it("refuses a second process, which changes nothing and exits", async () => {
    await using folder = await tempFolder();
    await using _lock = await acquireLock(folder.path);
    const before = await readdir(join(folder.path, "_meta"));

    const second = spawn(process.execPath, [HOLDER, folder.path], { stdio: ["pipe", "pipe", "ignore"] });
    const output = await second.stdout.toArray();
    if (second.exitCode === null) await once(second, "exit");

    expect(Buffer.concat(output).toString()).toBe(
      "unavailable: Another server is already running on this MEMORY_ROOT\n",
    );
    expect(second.exitCode).toBe(1);
    expect(await readdir(join(folder.path, "_meta"))).toEqual(before);
  });

  it("refuses a second holder in the same process, until the first lets go", async () => {
    await using folder = await tempFolder();
    const first = await acquireLock(folder.path);

    await expect(acquireLock(folder.path)).rejects.toMatchObject({ code: "unavailable" });

    await first[Symbol.asyncDispose]();
    await using again = await acquireLock(folder.path);
    expect(again).toBeDefined();
  });

  it("is free again when its holder was killed", async () => {
    await using folder = await tempFolder();
    const holder = spawn(process.execPath, [HOLDER, folder.path], { stdio: ["pipe", "pipe", "ignore"] });
    const [said] = await once(holder.stdout, "data");
    await expect(acquireLock(folder.path)).rejects.toMatchObject({ code: "unavailable" });

    holder.kill("SIGKILL");
    await once(holder, "exit");

    await using lock = await acquireLock(folder.path);
    expect(String(said)).toBe("locked\n");
    expect(lock).toBeDefined();
  });
});

describe("the disk format", () => {
  it("is written once", async () => {
    await using folder = await tempFolder();
    await openRoot(folder.path);
    await openRoot(folder.path);

    expect(JSON.parse(await readFile(join(folder.path, "_meta/format.json"), "utf8"))).toEqual({ format: 1 });
    expect(await readdir(folder.path)).toEqual(["_meta", "workspaces"]);
  });

  it.each([
    ["a newer number", '{"format": 2}', "unavailable"],
    ["what cannot be read", '{"form', "damaged"],
  ])("refuses %s and leaves it as it is", async (_, content, code) => {
    await using folder = await tempFolder();
    await openRoot(folder.path);
    await writeFile(join(folder.path, "_meta/format.json"), content);

    await expect(openRoot(folder.path)).rejects.toMatchObject({ code });

    expect(await readFile(join(folder.path, "_meta/format.json"), "utf8")).toBe(content);
  });
});
