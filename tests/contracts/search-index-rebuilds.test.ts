import { mkdir, open, readdir, rm, stat, symlink, truncate, unlink, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { INDEX_KINDS, indexFile, indexFolder } from "../../server/index/database/places.ts";
import { filledLab, IndexLab, SOON, WS } from "../support/index-lab.ts";
import { ID, line, upload } from "../support/session-store.ts";
import { tempFolder } from "../support/temp-folder.ts";

describe("the index", () => {
  it("is served at once after a restart, and learns what happened meanwhile", async () => {
    await using lab = await IndexLab.make(WS);
    for (const name of ["same", "edited", "gone"])
      await writeFile(lab.place(WS, `knowledge/${name}.md`), `alpha ${name}`);
    await lab.sessions.upload(WS, upload(ID, Buffer.from(line("alpha"))));
    await lab.start();
    await lab.settled();
    await lab.stop();

    await writeFile(lab.place(WS, "knowledge/edited.md"), "beta");
    await writeFile(lab.place(WS, "knowledge/new.md"), "beta");
    await unlink(lab.place(WS, "knowledge/gone.md"));
    await lab.sessions.upload(WS, upload("later", Buffer.from(line("beta"))));
    await lab.start();
    const first = { held: lab.index.knowledge([WS]).held, sessions: await lab.index.sessions([WS]) };

    expect(first.held).toEqual([WS]);
    const { held, missing } = first.sessions;
    // How far the index has come by now is left to chance; what it knew before it knows at once.
    expect([...held.values(), ...missing].map(({ sessionId }) => sessionId).sort()).toEqual([ID, "later"]);
    expect([...held.values()].map(({ sessionId }) => sessionId)).toContain(ID);
    await expect.poll(() => lab.files("beta"), SOON).toEqual(["edited.md", "new.md"]);
    await lab.settled();
    expect(lab.files("alpha")).toEqual(["same.md"]);
    expect(lab.archives("beta")).toEqual(["later"]);
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
    await using lab = await filledLab();
    await lab.stop();
    for (const kind of INDEX_KINDS) await spoil(indexFile(lab.root, kind));

    await lab.start();
    await lab.settled();

    expect([lab.files("alpha"), lab.archives("alpha")]).toEqual([["a.md"], [ID]]);
  });

  it("of a server that knew no memories is built anew with them; that of the sessions is kept", async () => {
    await using lab = await filledLab();
    await lab.stop();
    const generation = () => {
      using database = new DatabaseSync(indexFile(lab.root, "sessions"), { readOnly: true });
      return database.prepare("select generation from about").get()?.["generation"];
    };
    const before = generation();
    for (const kind of INDEX_KINDS) lab.tamper(kind, "pragma user_version = 2");
    await mkdir(lab.place(WS, "memories"));
    await writeFile(lab.place(WS, "memories/b.md"), "alpha");

    await lab.start();
    await lab.settled();

    expect(lab.files("alpha")).toEqual(["/memories/b.md", "a.md"]);
    expect(generation()).toBe(before);
  });

  it("that is deleted while the server runs is built anew", async () => {
    await using lab = await filledLab();

    await rm(indexFolder(lab.root), { recursive: true });

    await expect.poll(() => [lab.files("alpha"), lab.archives("alpha")], SOON).toEqual([["a.md"], [ID]]);
    await lab.settled();
    expect(lab.index.knowledge([WS]).held).toEqual([WS]);
  });

  it.each([
    [
      "a file where its folder should be",
      async (lab: IndexLab) => {
        await rm(indexFolder(lab.root), { recursive: true });
        await writeFile(indexFolder(lab.root), "no folder");
      },
    ],
    [
      "folders where its files should be",
      async (lab: IndexLab) => {
        for (const kind of INDEX_KINDS) {
          await rm(indexFile(lab.root, kind));
          await mkdir(`${indexFile(lab.root, kind)}/folder`, { recursive: true });
        }
      },
    ],
    [
      "a folder where the log of a database should be",
      async (lab: IndexLab) => {
        await rm(indexFolder(lab.root), { recursive: true });
        for (const kind of INDEX_KINDS)
          await mkdir(`${indexFile(lab.root, kind)}-wal/folder`, { recursive: true });
      },
    ],
  ])("is built anew, while the server runs and at its start: %s", async (_, spoil) => {
    await using lab = await filledLab();
    const found = () => [lab.files("alpha"), lab.archives("alpha")];

    await spoil(lab);
    await expect.poll(found, SOON).toEqual([["a.md"], [ID]]);
    await lab.settled();
    await lab.stop();
    await spoil(lab);
    await lab.start();
    const { problem } = await lab.settled();

    expect(found()).toEqual([["a.md"], [ID]]);
    expect(problem).toBeUndefined();
    expect(lab.log.join("")).not.toContain("died");
  });

  it("that is a link to a file is built anew, and the file stays as it is", async () => {
    await using lab = await filledLab();
    const other = `${lab.root}/other`;
    await writeFile(other, "", { mode: 0o644 });

    for (const kind of INDEX_KINDS) {
      await rm(indexFile(lab.root, kind));
      await symlink(other, indexFile(lab.root, kind));
    }

    await expect.poll(() => [lab.files("alpha"), lab.archives("alpha")], SOON).toEqual([["a.md"], [ID]]);
    const { size, mode } = await stat(other);
    expect([size, mode & 0o777]).toEqual([0, 0o644]);
  });

  it("lies where a link at its place leads to, if that is a folder", async () => {
    await using lab = await filledLab();
    await using elsewhere = await tempFolder();

    await rm(indexFolder(lab.root), { recursive: true });
    await symlink(elsewhere.path, indexFolder(lab.root));

    await expect.poll(() => [lab.files("alpha"), lab.archives("alpha")], SOON).toEqual([["a.md"], [ID]]);
    expect(await readdir(elsewhere.path)).toEqual(
      expect.arrayContaining(["knowledge.sqlite", "sessions.sqlite"]),
    );
  });

  it("says what is wrong while its folder cannot be entered, and goes on once that is mended", async () => {
    await using lab = await filledLab();
    const problem = async () => (await lab.index.status()).problem;

    await rm(indexFolder(lab.root), { recursive: true });
    await symlink(indexFolder(lab.root), indexFolder(lab.root));
    await expect.poll(problem, SOON).toContain("ELOOP");
    const { watching } = await lab.index.status();
    await rm(indexFolder(lab.root));
    await expect.poll(problem, SOON).toBeUndefined();
    await lab.settled();

    expect(watching).toMatchObject({ complete: true });
    expect([lab.files("alpha"), lab.archives("alpha")]).toEqual([["a.md"], [ID]]);
    expect(lab.log.join("")).not.toContain("died");
  });

  it("that is damaged while the server runs is built anew, once somebody notices", async () => {
    await using lab = await filledLab();
    for (let index = 0; index < 300; index += 1)
      await writeFile(lab.place(WS, `knowledge/${index}.md`), `beta ${index} ${"words ".repeat(index)}`);
    await lab.settled();
    for (const kind of INDEX_KINDS) {
      const file = await open(indexFile(lab.root, kind), "r+");
      const { size } = await file.stat();
      await file.write(Buffer.alloc(size - 4096, 0xa5), 0, size - 4096, 4096);
      await file.close();
    }

    await writeFile(lab.place(WS, "knowledge/b.md"), "gamma");
    await lab.sessions.upload(WS, upload("later", Buffer.from(line("gamma"))));

    await expect.poll(() => [lab.files("gamma"), lab.archives("gamma")], SOON).toEqual([["b.md"], ["later"]]);
    await lab.settled();
    expect([lab.files("alpha"), lab.archives("alpha")]).toEqual([["a.md"], [ID]]);
    expect(lab.files("beta")).toHaveLength(300);
  });

  it("goes on when the thread that writes it has died", async () => {
    await using lab = await filledLab();

    await lab.endThread();
    expect(lab.index.knowledge([WS]).unheld).toEqual([WS]);
    await writeFile(lab.place(WS, "knowledge/b.md"), "beta");
    lab.index.knowledgeChanged(WS, "b.md");

    await expect.poll(() => lab.index.knowledge([WS]).held, SOON).toEqual([WS]);
    await lab.settled();
    expect([lab.files("alpha"), lab.files("beta")]).toEqual([["a.md"], ["b.md"]]);
    expect(lab.archives("alpha")).toEqual([ID]);
    expect(lab.index.knowledge([WS]).changed).toEqual([]);
    expect(lab.log.join("")).toContain("the thread that writes the search index died");
  });

  it("that is said to be damaged, or is to be built anew, speaks for nothing until it does", async () => {
    await using lab = await filledLab();
    const { generation } = lab.index.knowledge([WS]);
    lab.tamper("knowledge", "delete from grams");

    lab.index.rebuild();
    const during = { knowledge: lab.index.knowledge([WS]), sessions: await lab.index.sessions([WS]) };
    const status = await lab.index.status();

    expect(status.state).toBe("building");
    expect(during.knowledge).toEqual({ generation: undefined, held: [], unheld: [WS], changed: [] });
    expect(during.sessions).toMatchObject({
      generation: undefined,
      held: new Map(),
      missing: [{ sessionId: ID }],
    });
    await lab.settled();
    expect([lab.files("alpha"), lab.archives("alpha")]).toEqual([["a.md"], [ID]]);
    expect(lab.index.knowledge([WS]).generation).not.toBe(generation);
    expect(lab.log.join("")).toContain("the search index is built anew");
  });
});
