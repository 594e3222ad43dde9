import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { expect, it } from "vitest";
import { SOON, WS } from "../support/index-lab.ts";
import { WriterLab } from "../support/writer-lab.ts";

const FULL = "the disk is full: fewer than 512 MiB are free, which are kept for what people write";

/** From now until disposed a call of the file system is another one. */
function instead(name: "statfsSync" | "watch", call: (...input: unknown[]) => unknown): Disposable {
  const original = fs[name];
  const set = (value: unknown) => {
    Reflect.set(fs, name, value);
    syncBuiltinESMExports();
  };
  set(call);
  return { [Symbol.dispose]: () => set(original) };
}

const fullDisk = () => instead("statfsSync", () => ({ bavail: 0, blocks: 1000, bsize: 4096 }));

const noWatches = () =>
  instead("watch", () => {
    throw Object.assign(new Error("no space left on device, watch"), { code: "ENOSPC" });
  });

it("stops writing while the disk is full, says so once, and goes on by itself", async () => {
  await using lab = await WriterLab.make();
  lab.writer.receive({ type: "walk", workspaceIds: [WS] });
  await lab.write("before.md", 1);
  await expect.poll(() => lab.settled, SOON).toBe(1);

  {
    using _full = fullDisk();
    await lab.write("during.md", 2);
    await expect.poll(() => lab.problem, SOON).toBe(FULL);
    await lab.write("too.md", 3);
    expect(lab.settled).toBe(1);
  }

  await expect.poll(() => lab.settled, SOON).toBe(3);
  await expect.poll(() => lab.problem, SOON).toBeUndefined();
  const log = lab.said.flatMap((message) => (message.type === "log" ? message.text : []));
  expect(log).toEqual([`the search index is not written: ${FULL}`, "the search index is written again"]);
});

it("says that not every folder is watched, and compares more often then", async () => {
  await using lab = await WriterLab.make();
  const walked = () => lab.said.findLast(({ type }) => type === "walked");
  {
    using _refused = noWatches();
    lab.writer.receive({ type: "walk", workspaceIds: [WS] });
    await expect.poll(walked, SOON).toMatchObject({ isWatched: false });
  }
  expect(lab.said.find(({ type }) => type === "watched")).toMatchObject({ isWatched: false });

  lab.writer.receive({ type: "walk", workspaceIds: [WS] });
  await expect.poll(walked, SOON).toMatchObject({ isWatched: true });
});
