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
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { INDEX_KINDS, indexFile, indexFolder } from "../../server/index/database/places.ts";
import { IndexLab } from "../support/index-lab.ts";
import { ID, line, lines, upload } from "../support/session-store.ts";
import { tempFolder } from "../support/temp-folder.ts";

const WS = "laptop-codex-webshop";
const OTHER = "desktop-codex-webshop";
/** What comes by itself comes within seconds; a busy machine may take longer. */
const SOON = { timeout: 20_000, interval: 20 };

const files = (bed: IndexLab, text: string) => bed.holding("knowledge", text);
const sessions = (bed: IndexLab, text: string) => bed.holding("sessions", text);

describe("what people change by hand", () => {
  it("comes into the index: files that are new, edited, replaced, renamed and deleted", async () => {
    await using bed = await IndexLab.make(WS);
    await writeFile(bed.place(WS, "knowledge/a.md"), "alpha one");
    await bed.start();
    await bed.settled();
    expect(files(bed, "alpha one")).toEqual(["a.md"]);

    await writeFile(bed.place(WS, "knowledge/b.md"), "beta one");
    await expect.poll(() => files(bed, "beta one"), SOON).toEqual(["b.md"]);

    await writeFile(bed.place(WS, "knowledge/a.md"), "alpha two");
    await expect.poll(() => files(bed, "alpha two"), SOON).toEqual(["a.md"]);
    expect(files(bed, "alpha one")).toEqual([]);

    await writeFile(bed.place(WS, "knowledge/.b.md.swp"), "beta two");
    await rename(bed.place(WS, "knowledge/.b.md.swp"), bed.place(WS, "knowledge/b.md"));
    await expect.poll(() => files(bed, "beta two"), SOON).toEqual(["b.md"]);

    await rename(bed.place(WS, "knowledge/b.md"), bed.place(WS, "knowledge/c.md"));
    await expect.poll(() => files(bed, "beta"), SOON).toEqual(["c.md"]);

    await unlink(bed.place(WS, "knowledge/a.md"));
    await expect.poll(() => files(bed, "alpha"), SOON).toEqual([]);
  });

  it("comes into the index: an edit in place that leaves size and time as they were", async () => {
    await using bed = await IndexLab.make(WS);
    const [place, time] = [bed.place(WS, "knowledge/a.md"), new Date("2026-10-01T00:00:00Z")];
    await writeFile(place, "alpha one");
    await utimes(place, time, time);
    await bed.start();
    await bed.settled();

    await writeFile(place, "alpha two");
    await utimes(place, time, time);

    await expect.poll(() => files(bed, "alpha two"), SOON).toEqual(["a.md"]);
  });

  it("comes into the index: folders that are new, filled, moved, swapped and deleted, and overviews", async () => {
    await using bed = await IndexLab.make(WS);
    await bed.start();
    await bed.settled();

    await mkdir(bed.place(WS, "knowledge/x/y"), { recursive: true });
    await writeFile(bed.place(WS, "knowledge/x/y/a.md"), "alpha");
    await writeFile(bed.place(WS, "overview.md"), "alpha too");
    await expect.poll(() => files(bed, "alpha"), SOON).toEqual(["", "x/y/a.md"]);

    await rename(bed.place(WS, "knowledge/x"), bed.place(WS, "knowledge/z"));
    await expect.poll(() => files(bed, "alpha"), SOON).toEqual(["", "z/y/a.md"]);

    await writeFile(bed.place(WS, "knowledge/z/y/b.md"), "alpha beta");
    await expect.poll(() => files(bed, "beta"), SOON).toEqual(["z/y/b.md"]);

    await rm(bed.place(WS, "knowledge"), { recursive: true });
    await expect.poll(() => files(bed, "alpha"), SOON).toEqual([""]);

    await mkdir(bed.place(WS, "knowledge"));
    await writeFile(bed.place(WS, "knowledge/z"), "alpha gamma");
    await expect.poll(() => files(bed, "gamma"), SOON).toEqual(["z"]);
  });

  it("comes into the index: a workspace that is moved away and back", async () => {
    await using bed = await IndexLab.make(WS, OTHER);
    await writeFile(bed.place(WS, "knowledge/a.md"), "alpha");
    await bed.sessions.upload(WS, upload(ID, Buffer.from(line("alpha"))));
    await bed.start();
    await bed.settled();

    await rename(bed.place(WS), `${bed.root}/away`);
    await expect.poll(() => [files(bed, "alpha"), sessions(bed, "alpha")], SOON).toEqual([[], []]);

    await rename(`${bed.root}/away`, bed.place(WS));
    bed.index.knowledgeChanged(WS, "a.md");
    await expect.poll(() => files(bed, "alpha"), SOON).toEqual(["a.md"]);
  });

  it("comes into the index: more files than are looked at one by one", async () => {
    await using bed = await IndexLab.make(WS);
    await bed.start();
    await bed.settled();
    const count = LIMITS.index.waitingFiles + 100;

    const places = Array.from({ length: count }, (_, index) =>
      bed.place(WS, `knowledge/${index % 7}/${index}.md`),
    );
    for (const folder of [0, 1, 2, 3, 4, 5, 6]) await mkdir(bed.place(WS, `knowledge/${folder}`));
    await Promise.all(places.map((place) => writeFile(place, `word ${place}`)));

    await expect.poll(() => files(bed, "word").length, SOON).toBe(count);
    await bed.settled();
    expect(bed.index.knowledge([WS])).toMatchObject({ held: [WS], unheld: [], changed: [] });
  });

  it("stays out of the index where the server never opens it", async () => {
    await using bed = await IndexLab.make(WS);
    await using outside = await tempFolder();
    await writeFile(`${outside.path}/secret.md`, "alpha");
    await bed.start();

    await symlink(`${outside.path}/secret.md`, bed.place(WS, "knowledge/link.md"));
    await link(`${outside.path}/secret.md`, bed.place(WS, "knowledge/hard.md"));
    await symlink(outside.path, bed.place(WS, "knowledge/folder"));
    await writeFile(bed.place(WS, "knowledge/.hidden.md"), "alpha");
    await writeFile(bed.place(WS, "knowledge/ours.md"), "alpha");
    await expect.poll(() => files(bed, "alpha"), SOON).toContain("ours.md");
    const status = await bed.settled();

    expect(files(bed, "alpha")).toEqual(["ours.md"]);
    expect(status.knowledge).toEqual({ indexed: 1, pending: 0, failed: 0 });
  });

  it("is told when it cannot be indexed, and is left to whoever reads", async () => {
    await using bed = await IndexLab.make(WS);
    await bed.start();
    await bed.settled();

    const long = await open(bed.place(WS, "knowledge/long.md"), "w");
    await long.truncate(LIMITS.knowledge.fileBytes + 1);
    await long.close();
    await expect.poll(async () => (await bed.index.status()).knowledge.failed, SOON).toBe(1);

    const { failures } = await bed.settled();
    expect(failures).toEqual([
      { anchor: `memory://${WS}/knowledge/long.md`, reason: '"long.md" was made too long by hand' },
    ]);
    expect(bed.index.knowledge([WS]).changed).toEqual([{ workspaceId: WS, path: "long.md" }]);

    await truncate(bed.place(WS, "knowledge/long.md"), 10);
    await expect.poll(async () => (await bed.index.status()).knowledge.failed, SOON).toBe(0);
    await bed.settled();
    expect(bed.index.knowledge([WS]).changed).toEqual([]);
  });
});

describe("what the server writes", () => {
  it("counts as changed from the moment it is told until the index holds it", async () => {
    await using bed = await IndexLab.make(WS);
    await bed.start();
    await bed.settled();
    await writeFile(bed.place(WS, "knowledge/a.md"), "alpha");
    await writeFile(bed.place(WS, "overview.md"), "alpha");

    bed.index.knowledgeChanged(WS, "a.md");
    bed.index.knowledgeChanged(WS, undefined);
    const changed = [
      { workspaceId: WS, path: "a.md" },
      { workspaceId: WS, path: undefined },
    ];
    expect(bed.index.knowledge([WS, OTHER])).toMatchObject({ held: [WS], unheld: [OTHER], changed });

    await expect.poll(() => bed.index.knowledge([WS]).changed, SOON).toEqual([]);
    expect(files(bed, "alpha")).toEqual(["", "a.md"]);
  });

  it("is indexed in a workspace that the index has not heard of", async () => {
    await using bed = await IndexLab.make(WS);
    await bed.start();
    await mkdir(bed.place(OTHER, "knowledge"), { recursive: true });
    await writeFile(bed.place(OTHER, "knowledge/a.md"), "alpha");

    bed.index.knowledgeChanged(OTHER, "a.md");

    await expect.poll(() => bed.index.knowledge([OTHER]).held, SOON).toEqual([OTHER]);
    expect(files(bed, "alpha")).toEqual(["a.md"]);
  });

  it("is missing until the index holds it: sessions", async () => {
    await using bed = await IndexLab.make(WS);
    await bed.start();
    await bed.settled();
    const missing = async () => (await bed.index.sessions([WS])).missing.map(({ sessionId }) => sessionId);

    await bed.sessions.upload(WS, upload(ID, Buffer.from(line("alpha"))));
    await bed.sessions.upload(WS, upload("fork", Buffer.from(line("alpha"))));
    const [archive] = await bed.sessions.archives(WS);
    const { held, missing: first } = await bed.index.sessions([WS]);
    expect([...held.values(), ...first]).toEqual([archive]);

    await expect.poll(missing, SOON).toEqual([]);
    expect([...(await bed.index.sessions([WS])).held.values()]).toEqual([archive]);
    expect(sessions(bed, "alpha")).toEqual([archive?.sessionId]);
  });
});

/** Changes the index behind its back. */
function tamper(bed: IndexLab, kind: "knowledge" | "sessions", sql: string): void {
  using database = new DatabaseSync(indexFile(bed.root, kind), { timeout: 5000 });
  database.exec(sql);
}

/** The `roles` of all passages, in their order. */
function rolesOfPassages(bed: IndexLab): number[] {
  using database = new DatabaseSync(indexFile(bed.root, "sessions"), { readOnly: true });
  return database
    .prepare("select roles from passage order by id")
    .all()
    .map(({ roles }) => Number(roles));
}

describe("the archive of a session", () => {
  it("that grew gets its last passage and the new ones indexed, and no more", async () => {
    await using bed = await IndexLab.make(WS);
    await bed.sessions.upload(WS, upload(ID, lines(3000)));
    await bed.start();
    await bed.settled();
    const before = rolesOfPassages(bed).length;
    tamper(bed, "sessions", "update passage set roles = 99");

    const tail = lines(100, 3000);
    await bed.sessions.upload(WS, upload(ID, tail, { offsetBytes: lines(3000).length }));
    await expect.poll(() => sessions(bed, "line 3099 "), SOON).toEqual([ID]);
    await bed.settled();

    const after = rolesOfPassages(bed);
    expect(before).toBeGreaterThan(2);
    expect(after.slice(0, before - 1)).toEqual(Array.from({ length: before - 1 }, () => 99));
    expect(after.slice(before - 1)).not.toContain(99);
    expect(sessions(bed, "line 2999 ")).toEqual([ID]);
  });

  it("that was rewritten is indexed as it is now, and its earlier text is found no more", async () => {
    await using bed = await IndexLab.make(WS);
    await bed.sessions.upload(WS, upload(ID, Buffer.from(line("alpha one"))));
    await bed.start();
    await bed.settled();

    await bed.sessions.upload(WS, upload(ID, Buffer.from(line("beta two"))));

    await expect.poll(() => sessions(bed, "beta two"), SOON).toEqual([ID]);
    expect(sessions(bed, "alpha")).toEqual([]);
  });

  it("that people add, take away or put back is seen", async () => {
    await using bed = await IndexLab.make(WS, OTHER);
    await bed.sessions.upload(OTHER, upload(ID, Buffer.from(line("alpha"))));
    await bed.start();
    await bed.settled();

    await rename(bed.place(OTHER, "sessions"), bed.place(WS, "sessions"));
    await expect.poll(async () => (await bed.index.sessions([OTHER])).held.size, SOON).toBe(0);
    await expect
      .poll(async () => [...(await bed.index.sessions([WS])).held.values()], SOON)
      .toMatchObject([{ workspaceId: WS, sessionId: ID }]);

    await cp(bed.place(WS, "sessions"), bed.place(OTHER, "sessions"), { recursive: true });
    await expect.poll(async () => (await bed.index.sessions([OTHER])).held.size, SOON).toBe(1);
    expect(sessions(bed, "alpha")).toEqual([ID]);
  });

  it("is looked for on the disk only after something has happened there", async () => {
    await using bed = await filled();
    const ask = async () => (await bed.index.sessions([WS])).held;
    // The watches tell of what the start itself has touched.
    await expect.poll(() => ask().then(() => bed.looks.at(-1)), SOON).toBe(false);

    bed.looks.length = 0;
    const [first, second] = [await ask(), await ask()];
    expect(second).toBe(first);
    expect(new Set(bed.looks)).toEqual(new Set([false]));

    await rm(bed.place(WS, "sessions"), { recursive: true });
    await expect.poll(async () => (await ask()).size, SOON).toBe(0);
    expect(bed.looks).toContain(true);
  });

  it("that is damaged is told with the reason, and is left to whoever reads", async () => {
    await using bed = await IndexLab.make(WS);
    await bed.sessions.upload(WS, upload(ID, lines(3000)));
    const [archive] = await bed.sessions.archives(WS);
    const file = await open(`${bed.root}/${archive?.segments.join("/")}`, "r+");
    await file.write(Buffer.alloc(64), 0, 64, 10_000);
    await file.close();

    await bed.start();
    const status = await bed.settled();

    expect(status.sessions).toEqual({ indexed: 0, pending: 0, failed: 1 });
    expect(status.failures).toMatchObject([
      { anchor: `memory://${WS}/sessions/${ID}`, reason: expect.stringContaining("is damaged") },
    ]);
    expect((await bed.index.sessions([WS])).missing).toEqual([archive]);
    expect(sessions(bed, "line 1 ")).toEqual([]);
  });
});

describe("the index", () => {
  it("is served at once after a restart, and learns what happened meanwhile", async () => {
    await using bed = await IndexLab.make(WS);
    for (const name of ["same", "edited", "gone"])
      await writeFile(bed.place(WS, `knowledge/${name}.md`), `alpha ${name}`);
    await bed.sessions.upload(WS, upload(ID, Buffer.from(line("alpha"))));
    await bed.start();
    await bed.settled();
    await bed.stop();

    await writeFile(bed.place(WS, "knowledge/edited.md"), "beta");
    await writeFile(bed.place(WS, "knowledge/new.md"), "beta");
    await unlink(bed.place(WS, "knowledge/gone.md"));
    await bed.sessions.upload(WS, upload("later", Buffer.from(line("beta"))));
    await bed.start();
    const first = { held: bed.index.knowledge([WS]).held, sessions: await bed.index.sessions([WS]) };

    expect(first.held).toEqual([WS]);
    const { held, missing } = first.sessions;
    // How far the index has come by now is left to chance; what it knew before it knows at once.
    expect([...held.values(), ...missing].map(({ sessionId }) => sessionId).sort()).toEqual([ID, "later"]);
    expect([...held.values()].map(({ sessionId }) => sessionId)).toContain(ID);
    await expect.poll(() => files(bed, "beta"), SOON).toEqual(["edited.md", "new.md"]);
    await bed.settled();
    expect(files(bed, "alpha")).toEqual(["same.md"]);
    expect(sessions(bed, "beta")).toEqual(["later"]);
  });

  it.each([
    ["damaged", (path: string) => writeFile(path, Buffer.alloc(10_000, "no database"))],
    ["empty", (path: string) => truncate(path, 0)],
    ["cut off", (path: string) => truncate(path, 9000)],
    [
      "of another version",
      async (path: string) => {
        using database = new DatabaseSync(path);
        database.exec("pragma user_version = 99; drop table about");
      },
    ],
  ])("that is %s at the start is built anew", async (_, spoil) => {
    await using bed = await filled();
    await bed.stop();
    for (const kind of INDEX_KINDS) await spoil(indexFile(bed.root, kind));

    await bed.start();
    await bed.settled();

    expect([files(bed, "alpha"), sessions(bed, "alpha")]).toEqual([["a.md"], [ID]]);
  });

  it("that is deleted while the server runs is built anew", async () => {
    await using bed = await filled();

    await rm(indexFolder(bed.root), { recursive: true });

    await expect.poll(() => [files(bed, "alpha"), sessions(bed, "alpha")], SOON).toEqual([["a.md"], [ID]]);
    await bed.settled();
    expect(bed.index.knowledge([WS]).held).toEqual([WS]);
  });

  it("that is damaged while the server runs is built anew, once somebody notices", async () => {
    await using bed = await filled();
    for (let index = 0; index < 300; index += 1)
      await writeFile(bed.place(WS, `knowledge/${index}.md`), `beta ${index} ${"words ".repeat(index)}`);
    await bed.settled();
    for (const kind of INDEX_KINDS) {
      const file = await open(indexFile(bed.root, kind), "r+");
      const { size } = await file.stat();
      await file.write(Buffer.alloc(size - 4096, 0xa5), 0, size - 4096, 4096);
      await file.close();
    }

    await writeFile(bed.place(WS, "knowledge/b.md"), "gamma");
    await bed.sessions.upload(WS, upload("later", Buffer.from(line("gamma"))));

    await expect
      .poll(() => [files(bed, "gamma"), sessions(bed, "gamma")], SOON)
      .toEqual([["b.md"], ["later"]]);
    await bed.settled();
    expect([files(bed, "alpha"), sessions(bed, "alpha")]).toEqual([["a.md"], [ID]]);
    expect(files(bed, "beta")).toHaveLength(300);
  });

  it("goes on when the thread that writes it has died", async () => {
    await using bed = await IndexLab.make(WS);
    await writeFile(bed.place(WS, "knowledge/a.md"), "alpha");
    // What is a list here and none in the thread: it cannot survive that.
    bed.workspaces = Object.defineProperty(JSON.parse("{}"), Symbol.iterator, { value: [].values });
    await bed.start();
    await expect.poll(() => bed.log.join(""), SOON).toContain("the thread that writes the search index died");
    expect(bed.index.knowledge([WS]).unheld).toEqual([WS]);
    await writeFile(bed.place(WS, "knowledge/b.md"), "beta");
    bed.index.knowledgeChanged(WS, "b.md");

    bed.workspaces = [WS];

    await expect.poll(() => bed.index.knowledge([WS]).held, SOON).toEqual([WS]);
    await bed.settled();
    expect([files(bed, "alpha"), files(bed, "beta")]).toEqual([["a.md"], ["b.md"]]);
    expect(bed.index.knowledge([WS]).changed).toEqual([]);
  });

  it("that is said to be damaged, or is to be built anew, speaks for nothing until it does", async () => {
    await using bed = await filled();
    const { generation } = bed.index.knowledge([WS]);
    tamper(bed, "knowledge", "delete from grams");

    bed.index.rebuild();
    const during = { knowledge: bed.index.knowledge([WS]), sessions: await bed.index.sessions([WS]) };
    const status = await bed.index.status();

    expect(status.state).toBe("building");
    expect(during.knowledge).toEqual({ generation: undefined, held: [], unheld: [WS], changed: [] });
    expect(during.sessions).toMatchObject({
      generation: undefined,
      held: new Map(),
      missing: [{ sessionId: ID }],
    });
    await bed.settled();
    expect([files(bed, "alpha"), sessions(bed, "alpha")]).toEqual([["a.md"], [ID]]);
    expect(bed.index.knowledge([WS]).generation).not.toBe(generation);
    expect(bed.log.join("")).toContain("the search index is built anew");
  });
});

/** A lab whose index holds one file and one session. */
async function filled(): Promise<IndexLab> {
  const bed = await IndexLab.make(WS);
  await writeFile(bed.place(WS, "knowledge/a.md"), "alpha");
  await bed.sessions.upload(WS, upload(ID, Buffer.from(line("alpha"))));
  await bed.start();
  await bed.settled();
  return bed;
}
