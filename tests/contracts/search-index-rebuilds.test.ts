import { open, rm, truncate, unlink, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { INDEX_KINDS, indexFile, indexFolder } from "../../server/index/database/places.ts";
import { filledLab, IndexLab, SOON, WS } from "../support/index-lab.ts";
import { ID, line, upload } from "../support/session-store.ts";

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

  it("that is deleted while the server runs is built anew", async () => {
    await using lab = await filledLab();

    await rm(indexFolder(lab.root), { recursive: true });

    await expect.poll(() => [lab.files("alpha"), lab.archives("alpha")], SOON).toEqual([["a.md"], [ID]]);
    await lab.settled();
    expect(lab.index.knowledge([WS]).held).toEqual([WS]);
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
