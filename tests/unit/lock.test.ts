import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Lock } from "../../client/home/lock.ts";
import { LIMITS } from "../../contract/limits.ts";
import { sha256 } from "../../disk/digest.ts";
import { tempFolder } from "../support/temp-folder.ts";

const TURNS = fileURLToPath(new URL("../support/lock-turns.ts", import.meta.url));

describe("Lock", () => {
  it("is held by one at a time and free afterwards", async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, "lock");

    const first = await Lock.take(path, 0);
    const second = await Lock.take(path, 0);
    await first?.[Symbol.asyncDispose]();
    await using third = await Lock.take(path, 0);

    expect([first, second, third].map((lock) => lock !== undefined)).toEqual([true, false, true]);
  });

  it("lets one after the other through, never two", async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, "lock");
    let inside = 0;
    let most = 0;

    await Promise.all(
      Array.from({ length: 6 }, async () => {
        await using lock = await Lock.take(path, 20_000);
        inside += lock === undefined ? 100 : 1;
        most = Math.max(most, inside);
        await new Promise(setImmediate);
        inside -= 1;
      }),
    );

    expect(most).toBe(1);
  });

  it("is taken over from a process that died, and leaves nothing else behind", async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, "lock");
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    await writeFile(path, `${pid} ${hostname()} x`);

    await using lock = await Lock.take(path, 0);

    expect(lock).toBeDefined();
    expect(await readdir(folder.path)).toEqual(["lock"]);
  });

  it("leaves nothing behind where the disk is full", async () => {
    await using folder = await tempFolder();
    using _ = fullFor(fs.promises.writeFile);

    const error: unknown = await Lock.take(join(folder.path, "lock"), 0).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: "ENOSPC" });
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("loses no update of six processes that clear each other's dead locks", async () => {
    await using folder = await tempFolder();
    const [lock, counter] = [join(folder.path, "lock"), join(folder.path, "counter")];
    await writeFile(counter, "0");

    const processes = Array.from({ length: 6 }, () =>
      spawn(process.execPath, [TURNS, lock, counter, "100"], { stdio: ["ignore", "ignore", "inherit"] }),
    );
    const codes = await Promise.all(processes.map(async (child) => (await once(child, "exit"))[0]));

    expect(codes).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await readFile(counter, "utf8")).toBe("600");
    expect((await readdir(folder.path)).sort()).toEqual(["counter", "lock"]);
  }, 60_000);

  it("is taken over by one when the process that was taking it over died too", async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, "lock");
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    const dead = `${pid} ${hostname()} x`;
    await writeFile(path, dead);
    await writeFile(`${path}.${sha256(dead).slice(0, 16)}`, `${pid} ${hostname()} y`);

    const taken = await Promise.all(Array.from({ length: 6 }, () => Lock.take(path, 0)));

    expect(taken.filter((lock) => lock !== undefined)).toHaveLength(1);
    expect(await readdir(folder.path)).toEqual(["lock"]);
  });

  it("is taken over from another machine only when it is old", async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, "lock");
    await writeFile(path, "1 elsewhere x");

    const young = await Lock.take(path, 0);
    const past = new Date(Date.now() - LIMITS.client.claimStaleMs - 60_000);
    await utimes(path, past, past);
    await using old = await Lock.take(path, 0);

    expect(young).toBeUndefined();
    expect(old).toBeDefined();
  });

  it("does not release what somebody else took over", async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, "lock");
    const lock = await Lock.take(path, 0);
    await writeFile(path, "1 elsewhere x");

    await lock?.[Symbol.asyncDispose]();

    expect(await readFile(path, "utf8")).toBe("1 elsewhere x");
  });
});

/** Until disposed: files are made, and nothing gets into them. */
function fullFor(write: typeof writeFile): Disposable {
  const set = (call: unknown): void => {
    Reflect.set(fs.promises, "writeFile", call);
    syncBuiltinESMExports();
  };
  set(async (path: string) => {
    await write(path, "");
    throw Object.assign(new Error("no room"), { code: "ENOSPC" });
  });
  return { [Symbol.dispose]: () => set(write) };
}
