import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm, symlink, unlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { AppError } from "../../contract/errors.ts";
import { SessionQuery } from "../../contract/search.ts";
import { sha256 } from "../../disk/digest.ts";
import { SearchEngine } from "../../server/search/engine.ts";
import type { SessionStore } from "../../server/sessions/store.ts";
import {
  ID,
  WORKSPACE,
  archivesOf,
  lines,
  sessionStore,
  text,
  upload,
  type SessionStoreLab,
} from "../support/session-store.ts";

const isDamage = (error: unknown): boolean =>
  error instanceof AppError && error.code === "damaged" && error.message.includes(ID);

/** What is promised of a session whose bytes cannot be read. */
const nothingLeft = { damaged: true, bytes: 0, lines: 0, sha256: sha256("") };

/** A stored session with one bit of its archive flipped; its size and everything around it stay as they were. */
async function damagedSession(
  lab: SessionStoreLab,
  bytes: Buffer,
): Promise<{ archive: string; good: Buffer }> {
  await lab.store.upload(WORKSPACE, upload(ID, bytes));
  const [archive = ""] = await archivesOf(lab);
  const good = await readFile(archive);
  const bad = Buffer.from(good);
  bad[bad.length - 100] = (bad.at(-100) ?? 0) ^ 0x40;
  await writeFile(archive, bad);
  return { archive, good };
}

/** Where every search of a session's lines comes to. */
function searchIn({ path, store }: SessionStoreLab) {
  const search = new SearchEngine({ root: path, archives: store.archives.bind(store), damage: store });
  const where = [{ id: WORKSPACE, machine: "laptop", tool: "claude-code", project: "webshop" }];
  return {
    find: (query: string) =>
      search.sessions(SessionQuery.parse({ query, mode: "literal", explain: true }), where),
    [Symbol.asyncDispose]: () => search.close(),
  };
}

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

    expect(await lab.store.get(WORKSPACE, ID)).toMatchObject(nothingLeft);
    await expect(lab.store.page(WORKSPACE, ID, "raw", {})).rejects.toMatchObject({
      code: "damaged",
      message: expect.stringContaining(ID),
    });
    await expect(
      lab.store.upload(WORKSPACE, upload(ID, lines(1), { offsetBytes: bytes.length })),
    ).rejects.toMatchObject({ code: "conflict", details: { bytes: 0 } });
    expect((await lab.store.list([WORKSPACE], {})).entries).toEqual([
      expect.objectContaining({ session_id: ID, first_prompt: "line 0", ...nothingLeft }),
    ]);
    expect(await lab.store.archives(WORKSPACE)).toEqual([]);
    expect(await lab.store.upload(WORKSPACE, upload(ID, bytes))).toMatchObject({
      status: "revision",
      revision: 2,
    });
    expect((await text(lab, ID)).equals(bytes)).toBe(true);
    const [entry] = (await lab.store.list([WORKSPACE], {})).entries;
    expect(entry).toMatchObject({ revision: 2, bytes: bytes.length });
    expect(entry).not.toHaveProperty("damaged");
  });

  it("is promised to nobody once a read found it damaged, and stored again when it comes again", async () => {
    await using lab = await sessionStore();
    const bytes = lines(3000);
    await damagedSession(lab, bytes);

    await expect(text(lab, ID)).rejects.toMatchObject({ code: "damaged" });

    expect(await lab.store.get(WORKSPACE, ID)).toMatchObject(nothingLeft);
    await expect(
      lab.store.upload(WORKSPACE, upload(ID, lines(1), { offsetBytes: bytes.length })),
    ).rejects.toMatchObject({ code: "conflict", details: { bytes: 0 } });
    expect(await lab.store.upload(WORKSPACE, upload(ID, bytes))).toMatchObject({ status: "revision" });
    expect((await text(lab, ID)).equals(bytes)).toBe(true);
  });

  it("is missing in every search, and all of them say so, also once it is known", async () => {
    await using lab = await sessionStore();
    await damagedSession(lab, lines(3000));
    await using search = searchIn(lab);
    const missing = {
      hits: [],
      partial: true,
      note: "1 session could not be read.",
      explain: { documents: { indexed: 0, scanned: 0, skipped: 1 } },
    };

    expect(await search.find("line 2999 ")).toMatchObject(missing);
    await expect(text(lab, ID)).rejects.toMatchObject({ code: "damaged" });
    expect(await lab.store.get(WORKSPACE, ID)).toMatchObject(nothingLeft);
    expect(await search.find("line 2999 ")).toMatchObject(missing);
    await lab.store.upload(WORKSPACE, upload(ID, lines(3000)));
    expect(await search.find("line 2999 ")).toMatchObject({ hits: [{ line: 3000 }], partial: false });
  });

  it("is searched as what it is now, once a search saw that it was replaced", async () => {
    await using lab = await sessionStore();
    await lab.store.upload(WORKSPACE, upload(ID, lines(3000)));
    const [archive = ""] = await archivesOf(lab);
    await using search = searchIn(lab);
    await search.find("line 2999 ");
    await writeFile(archive, gzipSync(lines(10, 5000)));

    expect(await search.find("line 2999 ")).toMatchObject({ hits: [], partial: true });
    await expect.poll(() => lab.store.get(WORKSPACE, ID)).toMatchObject({ lines: 10 });
    expect(await search.find("line 5009 ")).toMatchObject({ hits: [{ line: 10 }], partial: false });
  });

  it.each<[string, (store: SessionStore, archive: string) => Promise<unknown>]>([
    ["nobody knows", async () => undefined],
    ["a page showed", (store) => store.page(WORKSPACE, ID, "raw", { from_line: 2999 }).catch(String)],
    [
      "an alias hides",
      async (_, archive) => {
        const facts: unknown = JSON.parse(await readFile(archive.replace(".jsonl.gz", ".json"), "utf8"));
        const alias = { ...Object(facts), session_id: "fork", gzip_bytes: 0, chunks: [] };
        await writeFile(join(archive, "../20260506T070800Z-fork.json"), JSON.stringify(alias));
      },
    ],
  ])("is stored again where %s its damage", async (_, happens) => {
    await using lab = await sessionStore();
    const bytes = lines(3000);
    const { archive } = await damagedSession(lab, bytes);
    const store = lab.restart();
    await happens(store, archive);

    const again = await store.upload(WORKSPACE, upload(ID, bytes));
    const other = await store.upload(WORKSPACE, upload("other", bytes));

    expect(again).toMatchObject({ status: "revision" });
    expect(again).not.toHaveProperty("same_as");
    expect(other).toMatchObject({ status: "created", same_as: ID });
    for (const id of [ID, "other"]) expect((await text({ ...lab, store }, id)).equals(bytes), id).toBe(true);
  });

  it("takes no tail behind damage that nobody has seen yet", async () => {
    await using lab = await sessionStore();
    const bytes = lines(3000);
    await damagedSession(lab, bytes);
    const store = lab.restart();

    await expect(
      store.upload(WORKSPACE, upload(ID, lines(1), { offsetBytes: bytes.length })),
    ).rejects.toMatchObject({ code: "conflict", details: { bytes: 0, sha256: sha256("") } });
    expect(await store.get(WORKSPACE, ID)).toMatchObject(nothingLeft);
    expect((await lab.files()).filter((name) => name.includes(".tmp-"))).toEqual([]);
  });

  it("is whole again when its archive is written over with a good one, of whatever age", async () => {
    await using lab = await sessionStore();
    const bytes = lines(3000);
    const { archive, good } = await damagedSession(lab, bytes);
    await expect(text(lab, ID)).rejects.toMatchObject({ code: "damaged" });
    const bad = await readFile(archive);

    await writeFile(archive, good);
    expect(await lab.store.get(WORKSPACE, ID)).toMatchObject({ bytes: bytes.length, sha256: sha256(bytes) });
    expect((await text(lab, ID)).equals(bytes)).toBe(true);

    await writeFile(archive, bad);
    await expect(text(lab, ID)).rejects.toMatchObject({ code: "damaged" });
    const older = lines(2000);
    await writeFile(archive, await lab.readBack(older));
    expect(await lab.store.get(WORKSPACE, ID)).toMatchObject({ lines: 2000, sha256: sha256(older) });
    expect((await text(lab, ID)).equals(older)).toBe(true);
  });

  it("is damaged as an alias only where the archive it names is", async () => {
    await using lab = await sessionStore();
    const bytes = lines(3000);
    await lab.store.upload(WORKSPACE, upload(ID, bytes));
    await lab.store.upload(WORKSPACE, upload("fork", bytes));
    const [archive = ""] = await archivesOf(lab);
    const good = await readFile(archive);
    await writeFile(archive, good.subarray(0, -50));
    await expect(text(lab, "fork")).rejects.toMatchObject({ code: "damaged" });

    expect(await lab.store.get(WORKSPACE, "fork")).toMatchObject(nothingLeft);
    await writeFile(archive, good);
    expect(await lab.store.get(WORKSPACE, "fork")).toMatchObject({ sha256: sha256(bytes) });
    expect((await text(lab, "fork")).equals(bytes)).toBe(true);
  });

  it.each<[string, object]>([
    ["fewer lines", { lines: 7 }],
    ["more lines", { lines: 7_000_000 }],
    ["fewer bytes", { bytes: 1000 }],
    ["fewer bytes, all in agreement", { bytes: 1000, lines: 7, chunks: [[10, 1000, 7, 1]] }],
    ["more bytes", { bytes: 10_000_000 }],
    ["another digest", { sha256: sha256("other") }],
    ["no chunks", { chunks: [] }],
    ["no chunks and fewer bytes", { chunks: [], bytes: 1000, lines: 7 }],
    ["another archive", { archive: "2026/05/20260506T070800Z-other.jsonl.gz" }],
    ["another id", { session_id: "other" }],
    ["a wrong time", { started: "yesterday" }],
  ])("gives no wrong bytes when somebody wrote %s into its facts", async (_, edit) => {
    await using lab = await sessionStore();
    const bytes = lines(3000);
    await lab.store.upload(WORKSPACE, upload(ID, bytes));
    await lab.store.upload(WORKSPACE, upload("other", lines(5)));
    const archive = (await archivesOf(lab)).find((path) => path.includes(ID)) ?? "";
    const factsPath = archive.replace(".jsonl.gz", ".json");
    const facts: unknown = JSON.parse(await readFile(factsPath, "utf8"));
    await writeFile(factsPath, JSON.stringify({ ...Object(facts), ...edit }));
    const store = lab.restart();
    const edited = { ...lab, store };

    const first = await text(edited, ID).catch((error: unknown) => error);
    const written = await store.upload(WORKSPACE, upload("third", Buffer.from("other")));

    expect(first).toSatisfy((seen) => (Buffer.isBuffer(seen) && seen.equals(bytes)) || isDamage(seen));
    expect(written).not.toHaveProperty("same_as");
    expect((await text(edited, ID)).equals(bytes)).toBe(true);
    expect(await store.get(WORKSPACE, ID)).toMatchObject({
      bytes: bytes.length,
      lines: 3000,
      sha256: sha256(bytes),
    });
  });

  it("gives no wrong bytes when somebody edited the facts of an alias", async () => {
    await using lab = await sessionStore();
    await lab.store.upload(WORKSPACE, upload(ID, lines(3000)));
    await lab.store.upload(WORKSPACE, upload("fork", lines(3000)));
    const factsPath = (await archivesOf(lab))[0]?.replace(`${ID}.jsonl.gz`, "fork.json") ?? "";
    const facts: unknown = JSON.parse(await readFile(factsPath, "utf8"));
    await writeFile(factsPath, JSON.stringify({ ...Object(facts), bytes: 1000 }));
    const edited = { ...lab, store: lab.restart() };

    await expect(text(edited, "fork")).rejects.toMatchObject({ code: "damaged" });
    expect(await edited.store.get(WORKSPACE, "fork")).toMatchObject(nothingLeft);
  });

  it("is read without its facts where something else has their name", async () => {
    await using lab = await sessionStore();
    const bytes = lines(20);
    await lab.store.upload(WORKSPACE, upload(ID, bytes));
    const [archive = ""] = await archivesOf(lab);
    const factsPath = archive.replace(".jsonl.gz", ".json");
    const inTheWay = [
      () => symlink("/etc/hostname", factsPath),
      () => mkdir(join(factsPath, "deeper"), { recursive: true }),
    ];

    for (const put of inTheWay) {
      await rm(factsPath, { recursive: true });
      await put();
      const store = lab.restart();

      expect(await store.get(WORKSPACE, ID)).toMatchObject({ lines: 20, sha256: sha256(bytes) });
    }
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
