import {
  cp,
  link,
  mkdir,
  open,
  rename,
  rm,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { IndexLab, OTHER, SOON, WS } from "../support/index-lab.ts";
import { ID, line, upload } from "../support/session-store.ts";
import { tempFolder } from "../support/temp-folder.ts";

describe.each([
  ["knowledge", ""],
  ["memories", "/memories/"],
])("what people change by hand in %s", (area, prefix) => {
  it("comes into the index: files that are new, edited, replaced, renamed and deleted", async () => {
    await using lab = await IndexLab.make(WS);
    await mkdir(lab.place(WS, area), { recursive: true });
    await writeFile(lab.place(WS, `${area}/a.md`), "alpha one");
    await lab.start();
    await lab.settled();
    expect(lab.files("alpha one")).toEqual([`${prefix}a.md`]);

    await writeFile(lab.place(WS, `${area}/b.md`), "beta one");
    await expect.poll(() => lab.files("beta one"), SOON).toEqual([`${prefix}b.md`]);

    await writeFile(lab.place(WS, `${area}/a.md`), "alpha two");
    await expect.poll(() => lab.files("alpha two"), SOON).toEqual([`${prefix}a.md`]);
    expect(lab.files("alpha one")).toEqual([]);

    await writeFile(lab.place(WS, `${area}/.b.md.swp`), "beta two");
    await rename(lab.place(WS, `${area}/.b.md.swp`), lab.place(WS, `${area}/b.md`));
    await expect.poll(() => lab.files("beta two"), SOON).toEqual([`${prefix}b.md`]);

    await rename(lab.place(WS, `${area}/b.md`), lab.place(WS, `${area}/c.md`));
    await expect.poll(() => lab.files("beta"), SOON).toEqual([`${prefix}c.md`]);

    await unlink(lab.place(WS, `${area}/a.md`));
    await expect.poll(() => lab.files("alpha"), SOON).toEqual([]);
  });

  it("comes into the index: folders that are new, filled, moved, swapped and deleted, and overviews", async () => {
    await using lab = await IndexLab.make(WS);
    await lab.start();
    await lab.settled();

    await mkdir(lab.place(WS, `${area}/x/y`), { recursive: true });
    await writeFile(lab.place(WS, `${area}/x/y/a.md`), "alpha");
    await writeFile(lab.place(WS, "overview.md"), "alpha too");
    await expect.poll(() => lab.files("alpha"), SOON).toEqual(["", `${prefix}x/y/a.md`]);

    await rename(lab.place(WS, `${area}/x`), lab.place(WS, `${area}/z`));
    await expect.poll(() => lab.files("alpha"), SOON).toEqual(["", `${prefix}z/y/a.md`]);

    await writeFile(lab.place(WS, `${area}/z/y/b.md`), "alpha beta");
    await expect.poll(() => lab.files("beta"), SOON).toEqual([`${prefix}z/y/b.md`]);

    await rm(lab.place(WS, area), { recursive: true });
    await expect.poll(() => lab.files("alpha"), SOON).toEqual([""]);

    await mkdir(lab.place(WS, area));
    await writeFile(lab.place(WS, `${area}/z`), "alpha gamma");
    await expect.poll(() => lab.files("gamma"), SOON).toEqual([`${prefix}z`]);
  });
});

describe("what people change by hand", () => {
  it("comes into the index: an edit in place that leaves size and time as they were", async () => {
    await using lab = await IndexLab.make(WS);
    const [place, time] = [lab.place(WS, "knowledge/a.md"), new Date("2026-10-01T00:00:00Z")];
    await writeFile(place, "alpha one");
    await utimes(place, time, time);
    await lab.start();
    await lab.settled();

    await writeFile(place, "alpha two");
    await utimes(place, time, time);

    await expect.poll(() => lab.files("alpha two"), SOON).toEqual(["a.md"]);
  });

  it("comes into the index: a workspace that is moved away and back", async () => {
    await using lab = await IndexLab.make(WS, OTHER);
    await writeFile(lab.place(WS, "knowledge/a.md"), "alpha");
    await lab.sessions.upload(WS, upload(ID, Buffer.from(line("alpha"))));
    await lab.start();
    await lab.settled();

    await rename(lab.place(WS), `${lab.root}/away`);
    await expect.poll(() => [lab.files("alpha"), lab.archives("alpha")], SOON).toEqual([[], []]);

    const away = lab.index.knowledge([WS, OTHER]);
    await rename(`${lab.root}/away`, lab.place(WS));
    await expect.poll(() => [lab.files("alpha"), lab.archives("alpha")], SOON).toEqual([["a.md"], [ID]]);
    await expect.poll(() => lab.index.knowledge([WS]).held, SOON).toEqual([WS]);

    await writeFile(lab.place(WS, "knowledge/b.md"), "beta");
    await expect.poll(() => lab.files("beta"), SOON).toEqual(["b.md"]);
    // Whoever searches looks for himself until it is there again.
    expect(away).toMatchObject({ held: [OTHER], unheld: [WS] });
  });

  it("comes into the index: a workspace that is deleted and restored from a copy", async () => {
    await using lab = await IndexLab.make(WS);
    await writeFile(lab.place(WS, "knowledge/a.md"), "alpha");
    await lab.start();
    await lab.settled();
    await cp(lab.place(WS), `${lab.root}/copy`, { recursive: true });

    await rm(lab.place(WS), { recursive: true });
    await expect.poll(() => lab.files("alpha"), SOON).toEqual([]);
    await cp(`${lab.root}/copy`, lab.place(WS), { recursive: true });

    await expect.poll(() => lab.files("alpha"), SOON).toEqual(["a.md"]);
    await expect.poll(() => lab.index.knowledge([WS]).held, SOON).toEqual([WS]);
  });

  it("is left to whoever reads while the folder of all workspaces is another", async () => {
    await using lab = await IndexLab.make(WS);
    await writeFile(lab.place(WS, "knowledge/a.md"), "alpha");
    await lab.start();
    await lab.settled();

    await rename(lab.place(), `${lab.root}/away`);
    await expect.poll(() => lab.index.knowledge([WS]).unheld, SOON).toEqual([WS]);
    await mkdir(lab.place(WS, "knowledge"), { recursive: true });
    const { unheld } = lab.index.knowledge([WS]);

    expect(unheld).toEqual([WS]);
  });

  it("comes into the index: more files than are looked at one by one", async () => {
    await using lab = await IndexLab.make(WS);
    await lab.start();
    await lab.settled();
    const count = LIMITS.index.waitingFiles + 100;

    const places = Array.from({ length: count }, (_, index) =>
      lab.place(WS, `knowledge/${index % 7}/${index}.md`),
    );
    for (const folder of [0, 1, 2, 3, 4, 5, 6]) await mkdir(lab.place(WS, `knowledge/${folder}`));
    await Promise.all(places.map((place) => writeFile(place, `word ${place}`)));

    await expect.poll(() => lab.files("word").length, SOON).toBe(count);
    await lab.settled();
    expect(lab.index.knowledge([WS])).toMatchObject({ held: [WS], unheld: [], changed: [] });
  });

  it("stays out of the index where the server never opens it", async () => {
    await using lab = await IndexLab.make(WS);
    await using outside = await tempFolder();
    await writeFile(`${outside.path}/secret.md`, "alpha");
    await lab.start();

    await symlink(`${outside.path}/secret.md`, lab.place(WS, "knowledge/link.md"));
    await link(`${outside.path}/secret.md`, lab.place(WS, "knowledge/hard.md"));
    await symlink(outside.path, lab.place(WS, "knowledge/folder"));
    await writeFile(lab.place(WS, "knowledge/.hidden.md"), "alpha");
    await writeFile(lab.place(WS, "knowledge/ours.md"), "alpha");
    await expect.poll(() => lab.files("alpha"), SOON).toContain("ours.md");
    const status = await lab.settled();

    expect(lab.files("alpha")).toEqual(["ours.md"]);
    expect(status.knowledge).toEqual({ indexed: 1, pending: 0, failed: 0 });
  });

  it("is told when it cannot be indexed, and is left to whoever reads", async () => {
    await using lab = await IndexLab.make(WS);
    await lab.start();
    await lab.settled();

    const long = await open(lab.place(WS, "knowledge/long.md"), "w");
    await long.truncate(LIMITS.knowledge.fileBytes + 1);
    await long.close();
    await expect.poll(async () => (await lab.index.status()).knowledge.failed, SOON).toBe(1);

    const { failures } = await lab.settled();
    expect(failures).toEqual([
      { anchor: `memory://${WS}/knowledge/long.md`, reason: '"long.md" was made too long by hand' },
    ]);
    expect(lab.index.knowledge([WS]).changed).toEqual([{ workspaceId: WS, path: "long.md" }]);

    await truncate(lab.place(WS, "knowledge/long.md"), 10);
    await expect.poll(async () => (await lab.index.status()).knowledge.failed, SOON).toBe(0);
    await lab.settled();
    expect(lab.index.knowledge([WS]).changed).toEqual([]);
  });
});
