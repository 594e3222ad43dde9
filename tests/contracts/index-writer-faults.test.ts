import fs from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { expect, it } from "vitest";
import { IndexWriter } from "../../server/index/writer/index-writer.ts";
import type { FromWriter } from "../../server/index/messages.ts";
import { tempFolder } from "../support/temp-folder.ts";

const WS = "laptop-codex-webshop";
const SOON = { timeout: 20_000, interval: 20 };

/** A writer in this thread, so that the disk can be given faults. */
class WriterLab implements AsyncDisposable {
  readonly root: string;
  readonly said: FromWriter[] = [];
  readonly writer: IndexWriter;
  readonly #folder: AsyncDisposable;
  readonly #running: Promise<void>;

  private constructor(root: string, folder: AsyncDisposable) {
    this.root = root;
    this.#folder = folder;
    const say = (message: FromWriter) => void this.said.push(message);
    this.writer = new IndexWriter({ root, say, cell: new Int32Array(1) });
    this.#running = this.writer.run();
  }

  static async make(): Promise<WriterLab> {
    const folder = await tempFolder();
    await mkdir(join(folder.path, "workspaces", WS, "knowledge"), { recursive: true });
    return new WriterLab(folder.path, folder);
  }

  /** Says that a file was written, and which number that has. */
  async write(path: string, own: number): Promise<void> {
    await writeFile(join(this.root, "workspaces", WS, "knowledge", path), "alpha");
    this.writer.receive({ type: "file", file: { workspaceId: WS, path }, own });
  }

  /** The largest number of a file that the index holds. */
  get settled(): number {
    const files = this.said.flatMap((message) => (message.type === "settled" ? message.files : []));
    return Math.max(0, ...files.map(({ own }) => own));
  }

  get problem(): string | undefined {
    this.writer.receive({ type: "report", number: 1 });
    const last = this.said.pop();
    return last?.type === "report" ? last.report.problem : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.writer.receive({ type: "close" });
    await this.#running;
    await this.#folder[Symbol.asyncDispose]();
  }
}

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
    await expect.poll(() => lab.problem, SOON).toBe("the disk is full");
    await lab.write("too.md", 3);
    expect(lab.settled).toBe(1);
  }

  await expect.poll(() => lab.settled, SOON).toBe(3);
  await expect.poll(() => lab.problem, SOON).toBeUndefined();
  const log = lab.said.flatMap((message) => (message.type === "log" ? message.text : []));
  expect(log).toEqual([
    "the search index is not written: the disk is full",
    "the search index is written again",
  ]);
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
