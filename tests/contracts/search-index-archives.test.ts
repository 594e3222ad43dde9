import { cp, open, rename, rm } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { indexFile } from "../../server/index/database/places.ts";
import { filledLab, IndexLab, OTHER, SOON, WS } from "../support/index-lab.ts";
import { ID, line, lines, upload } from "../support/session-store.ts";

/** The `roles` of all passages, in their order. */
function rolesOfPassages(lab: IndexLab): number[] {
  using database = new DatabaseSync(indexFile(lab.root, "sessions"), { readOnly: true });
  return database
    .prepare("select roles from passage order by id")
    .all()
    .map(({ roles }) => Number(roles));
}

/** Overwrites a part of a file. */
async function damage(place: string): Promise<void> {
  const file = await open(place, "r+");
  await file.write(Buffer.alloc(64), 0, 64, 10_000);
  await file.close();
}

describe("the archive of a session", () => {
  it("that grew gets its last passage and the new ones indexed, and no more", async () => {
    await using lab = await IndexLab.make(WS);
    await lab.sessions.upload(WS, upload(ID, lines(3000)));
    await lab.start();
    await lab.settled();
    const before = rolesOfPassages(lab).length;
    lab.tamper("sessions", "update passage set roles = 99");

    const tail = lines(100, 3000);
    await lab.sessions.upload(WS, upload(ID, tail, { offsetBytes: lines(3000).length }));
    await expect.poll(() => lab.archives("line 3099 "), SOON).toEqual([ID]);
    await lab.settled();

    const after = rolesOfPassages(lab);
    expect(before).toBeGreaterThan(2);
    expect(after.slice(0, before - 1)).toEqual(Array.from({ length: before - 1 }, () => 99));
    expect(after.slice(before - 1)).not.toContain(99);
    expect(lab.archives("line 2999 ")).toEqual([ID]);
  });

  it("that was rewritten is indexed as it is now, and its earlier text is found no more", async () => {
    await using lab = await IndexLab.make(WS);
    await lab.sessions.upload(WS, upload(ID, Buffer.from(line("alpha one"))));
    await lab.start();
    await lab.settled();

    await lab.sessions.upload(WS, upload(ID, Buffer.from(line("beta two"))));

    await expect.poll(() => lab.archives("beta two"), SOON).toEqual([ID]);
    expect(lab.archives("alpha")).toEqual([]);
  });

  it("that people add, take away or put back is seen", async () => {
    await using lab = await IndexLab.make(WS, OTHER);
    await lab.sessions.upload(OTHER, upload(ID, Buffer.from(line("alpha"))));
    await lab.start();
    await lab.settled();

    await rename(lab.place(OTHER, "sessions"), lab.place(WS, "sessions"));
    await expect.poll(async () => (await lab.index.sessions([OTHER])).held.size, SOON).toBe(0);
    await expect
      .poll(async () => [...(await lab.index.sessions([WS])).held.values()], SOON)
      .toMatchObject([{ workspaceId: WS, sessionId: ID }]);

    await cp(lab.place(WS, "sessions"), lab.place(OTHER, "sessions"), { recursive: true });
    await expect.poll(async () => (await lab.index.sessions([OTHER])).held.size, SOON).toBe(1);
    expect(lab.archives("alpha")).toEqual([ID]);
  });

  it("is looked for on the disk only after something has happened there", async () => {
    await using lab = await filledLab();
    const ask = async () => (await lab.index.sessions([WS])).held;
    // The watches tell of what the start itself has touched.
    await expect.poll(() => ask().then(() => lab.looks.at(-1)), SOON).toBe(false);

    lab.looks.length = 0;
    const [first, second] = [await ask(), await ask()];
    expect(second).toBe(first);
    expect(new Set(lab.looks)).toEqual(new Set([false]));

    await rm(lab.place(WS, "sessions"), { recursive: true });
    await expect.poll(async () => (await ask()).size, SOON).toBe(0);
    expect(lab.looks).toContain(true);
  });

  it("that is damaged is told with the reason, and is left to whoever reads", async () => {
    await using lab = await IndexLab.make(WS);
    await lab.sessions.upload(WS, upload(ID, lines(3000)));
    const [archive] = await lab.sessions.archives(WS);
    await damage(`${lab.root}/workspaces/${WS}/sessions/${archive?.archive}`);

    await lab.start();
    const status = await lab.settled();

    expect(status.sessions).toEqual({ indexed: 0, pending: 0, failed: 1 });
    expect(status.failures).toMatchObject([
      { anchor: `memory://${WS}/sessions/${ID}`, reason: expect.stringContaining("is damaged") },
    ]);
    expect((await lab.index.sessions([WS])).missing).toEqual([archive]);
    expect(lab.archives("line 1 ")).toEqual([]);
  });

  it("that was damaged and is restored by hand is indexed then", async () => {
    await using lab = await IndexLab.make(WS);
    await lab.sessions.upload(WS, upload(ID, lines(3000)));
    const [archive] = await lab.sessions.archives(WS);
    const place = `${lab.root}/workspaces/${WS}/sessions/${archive?.archive}`;
    await cp(place, `${lab.root}/backup`);
    await damage(place);
    await lab.start();
    const { sessions: damaged } = await lab.settled();

    await cp(`${lab.root}/backup`, place);
    await expect.poll(() => lab.archives("line 1 "), SOON).toEqual([ID]);
    const { sessions, failures } = await lab.settled();

    expect(damaged).toEqual({ indexed: 0, pending: 0, failed: 1 });
    expect(sessions).toEqual({ indexed: 1, pending: 0, failed: 0 });
    expect(failures).toEqual([]);
  });
});
