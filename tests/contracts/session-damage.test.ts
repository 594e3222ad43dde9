import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm, symlink, unlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { AppError } from "../../contract/errors.ts";
import { sha256 } from "../../disk/digest.ts";
import { ID, WORKSPACE, archivesOf, lines, sessionStore, text, upload } from "../support/session-store.ts";

const isDamage = (error: unknown): boolean =>
  error instanceof AppError && error.code === "damaged" && error.message.includes(ID);

describe("a session that the disk lost or damaged", () => {
  it("says so instead of giving wrong bytes, wherever the damage is", async () => {
    await using lab = await sessionStore();
    const bytes = lines(3000);
    await lab.store.upload(WORKSPACE, upload(ID, bytes));
    const [archive = ""] = await archivesOf(lab);
    const good = await readFile(archive);

    for (let at = 14; at < good.length; at += 997) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ 0x40;
      await writeFile(archive, bad);
      const outcome = await text(lab, ID).catch((error: unknown) => error);

      expect(outcome).toSatisfy((seen) => (Buffer.isBuffer(seen) && seen.equals(bytes)) || isDamage(seen));
    }
  });

  it("is refused when its archive was cut, and whole again after an upload", async () => {
    await using lab = await sessionStore();
    const bytes = lines(3000);
    await lab.store.upload(WORKSPACE, upload(ID, bytes));
    const [archive = ""] = await archivesOf(lab);
    await unlink(archive);
    await writeFile(archive, (await lab.readBack(bytes)).subarray(0, -500));

    await expect(lab.store.get(WORKSPACE, ID)).rejects.toMatchObject({ code: "damaged" });
    await expect(lab.store.page(WORKSPACE, ID, "raw", {})).rejects.toMatchObject({
      code: "damaged",
      message: expect.stringContaining(ID),
    });
    await expect(
      lab.store.upload(WORKSPACE, upload(ID, lines(1), { offsetBytes: bytes.length })),
    ).rejects.toMatchObject({ code: "conflict", details: { bytes: 0 } });
    expect((await lab.store.list([WORKSPACE], {})).entries).toEqual([]);
    expect(await lab.store.upload(WORKSPACE, upload(ID, bytes))).toMatchObject({
      status: "revision",
      revision: 2,
    });
    expect((await text(lab, ID)).equals(bytes)).toBe(true);
  });

  it("gets its facts back from the archive", async () => {
    await using lab = await sessionStore();
    const bytes = lines(700);
    await lab.store.upload(WORKSPACE, upload(ID, bytes));
    const entry = await lab.store.get(WORKSPACE, ID);
    const [archive = ""] = await archivesOf(lab);
    const factsPath = archive.replace(".jsonl.gz", ".json");
    const facts: unknown = JSON.parse(await readFile(factsPath, "utf8"));

    for (const broken of [undefined, "{", '{"session_id":1}']) {
      await unlink(factsPath);
      if (broken !== undefined) await writeFile(factsPath, broken);
      const store = lab.restart();

      expect(await store.get(WORKSPACE, ID)).toEqual(entry);
      expect(JSON.parse(await readFile(factsPath, "utf8"))).toMatchObject({
        ...Object(facts),
        stored_at: expect.any(String),
      });
    }
  });

  it("is what its archive says when a crash came between the archive and its facts", async () => {
    await using lab = await sessionStore();
    const grown = lines(900);
    await lab.store.upload(WORKSPACE, upload(ID, lines(400)));
    const [archive = ""] = await archivesOf(lab);
    await writeFile(archive, await lab.readBack(grown));

    for (const store of [lab.store, lab.restart()]) {
      await utimes(join(archive, ".."), new Date(0), new Date(0));
      expect(await store.get(WORKSPACE, ID)).toMatchObject({
        lines: 900,
        sha256: sha256(grown),
        revision: 1,
      });
    }
  });

  it("disappears when its files are removed by hand, and its aliases with it", async () => {
    await using lab = await sessionStore();
    await lab.store.upload(WORKSPACE, upload(ID, lines(2)));
    await lab.store.upload(WORKSPACE, upload("fork", lines(2)));
    await lab.store.upload(WORKSPACE, upload("other", lines(3)));
    const archives = await archivesOf(lab);
    for (const archive of archives.filter((path) => path.includes(ID))) await unlink(archive);

    expect((await lab.store.list([WORKSPACE], {})).entries.map(({ session_id }) => session_id)).toEqual([
      "other",
    ]);
    expect(await lab.store.get(WORKSPACE, "fork")).toBeUndefined();
    await rm(join(lab.path, "workspaces", WORKSPACE, "sessions"), { recursive: true });
    expect((await lab.store.list([WORKSPACE], {})).entries).toEqual([]);
    expect(await lab.store.upload(WORKSPACE, upload(ID, lines(2)))).toMatchObject({ status: "created" });
  });

  it("is read from a plain gzip that somebody put there", async () => {
    await using lab = await sessionStore();
    const bytes = Buffer.concat([lines(2000), Buffer.from("no line end")]);
    const folder = join(lab.path, "workspaces", WORKSPACE, "sessions", "2025", "01");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "20250102T030405Z-by-hand.jsonl.gz"), gzipSync(bytes));
    await writeFile(join(folder, "notes.txt"), "mine");

    expect(await lab.store.get(WORKSPACE, "by-hand")).toMatchObject({
      lines: 2001,
      bytes: bytes.length,
      sha256: sha256(bytes),
    });
    expect((await lab.store.page(WORKSPACE, "by-hand", "raw", { from_line: 2001 })).text).toBe(
      "2001: no line end",
    );
    expect((await text(lab, "by-hand")).equals(bytes)).toBe(true);

    const more = Buffer.from(" now\n{}\n");
    const grown = await lab.store.upload(WORKSPACE, upload("by-hand", more, { offsetBytes: bytes.length }));

    expect(grown).toMatchObject({ status: "appended", sha256: sha256(Buffer.concat([bytes, more])) });
    expect((await text(lab, "by-hand")).equals(Buffer.concat([bytes, more]))).toBe(true);
  });

  it("never follows a link in the place of an archive or a folder", async () => {
    await using lab = await sessionStore();
    await lab.store.upload(WORKSPACE, upload(ID, lines(2)));
    const [archive = ""] = await archivesOf(lab);
    const outside = join(lab.path, "outside.gz");
    await writeFile(outside, gzipSync("{}\n"));
    await symlink(outside, archive.replace(ID, "linked"));
    await symlink(join(lab.path, "workspaces"), join(lab.path, "workspaces", WORKSPACE, "sessions", "2031"));

    expect((await lab.store.list([WORKSPACE], {})).entries.map(({ session_id }) => session_id)).toEqual([ID]);
  });

  it("loses nothing to what a crash left behind, which recovery removes", async () => {
    await using lab = await sessionStore();
    await lab.store.upload(WORKSPACE, upload(ID, lines(2)));
    const [archive = ""] = await archivesOf(lab);
    const sessions = join(lab.path, "workspaces", WORKSPACE, "sessions");
    await writeFile(join(sessions, ".tmp-1-aa"), "half");
    await writeFile(join(archive, "..", ".tmp-1-bb"), "half");
    const before = await lab.files();

    const restarted = lab.restart();
    await restarted.recover([WORKSPACE, "no-such-workspace"]);

    expect(await restarted.get(WORKSPACE, ID)).toMatchObject({ lines: 2 });
    expect(await lab.files()).toEqual(before.filter((name) => !name.includes(".tmp-")));
  });

  it("leaves nothing behind when an upload breaks off", async () => {
    await using lab = await sessionStore();
    async function* breaking(): AsyncGenerator<Buffer> {
      yield randomBytes(3_000_000);
      yield lines(10);
      throw new Error("the line went dead");
    }

    await expect(
      lab.store.upload(WORKSPACE, { sessionId: ID, source: breaking(), encoding: "identity" }),
    ).rejects.toThrow("the line went dead");
    await expect(
      lab.store.upload(WORKSPACE, { sessionId: ID, source: breaking(), encoding: "gzip" }),
    ).rejects.toThrow("not one intact gzip");
    expect(await lab.files()).toEqual([]);
    const names = await readdir(join(lab.path, "workspaces", WORKSPACE, "sessions"));
    expect(names).toEqual([]);
  });
});
