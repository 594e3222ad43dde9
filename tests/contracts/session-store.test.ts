import { randomBytes } from "node:crypto";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gunzipSync, gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { sha256 } from "../../disk/digest.ts";
import { SessionStore } from "../../server/sessions/store.ts";
import { decodeHeader } from "../../server/storage/seekable-gzip-table.ts";
import { WriteGuard } from "../../server/storage/write-guard.ts";
import {
  ID,
  WORKSPACE,
  archivesOf,
  line,
  lines,
  rawText,
  sessionStore,
  streamOf,
  text,
  upload,
} from "../support/session-store.ts";
import { realTranscript, realTranscripts } from "../support/transcripts.ts";

describe("real transcripts", () => {
  const transcripts = realTranscripts();

  it("come back byte for byte, page by page, and as conversations", async () => {
    await using lab = await sessionStore();
    for (const { path, bytes, fileId } of transcripts) {
      const result = await lab.store.upload(WORKSPACE, upload(fileId, bytes));

      expect(result, path).toMatchObject({ status: "created", sha256: sha256(bytes), bytes: bytes.length });
      expect((await text(lab, fileId)).equals(bytes), path).toBe(true);
      const zipped = await streamOf(lab, fileId, { gzip: true });
      expect(gunzipSync(await buffer(zipped.stream)).equals(bytes), path).toBe(true);
      const talk = await lab.store.page(WORKSPACE, fileId, "conversation", {});
      expect(talk.text, path).toMatch(/^\d+ {2}user: /m);
      expect(talk.text, path).not.toContain("environment_context");
    }
    expect((await lab.store.counts(WORKSPACE)).sessions).toBe(transcripts.length);
    expect(
      (await lab.store.list([WORKSPACE], {})).entries.every(({ first_prompt }) => first_prompt !== ""),
    ).toBe(true);
  });

  it("give the whole text when their raw pages are put together", async () => {
    await using lab = await sessionStore();
    for (const { path, bytes, fileId } of transcripts.filter(({ bytes }) => bytes.length < 1_000_000)) {
      await lab.store.upload(WORKSPACE, upload(fileId, bytes));

      const whole = await rawText(lab, fileId, 30_000);

      expect(
        whole.replaceAll(/\\u\{([0-9a-f]+)\}/g, (_, code: string) =>
          String.fromCodePoint(Number.parseInt(code, 16)),
        ),
        path,
      ).toBe(bytes.toString("utf8").replace(/\n$/, ""));
    }
  });

  it("store hardly more than plain gzip does", async () => {
    await using lab = await sessionStore();
    const { bytes, fileId } = realTranscript("01a1fcdb-9b1d");

    await lab.store.upload(WORKSPACE, upload(fileId, bytes));

    const { stream, sizeBytes } = await streamOf(lab, fileId, { gzip: true });
    stream.destroy();
    expect(sizeBytes).toBeLessThan(1.05 * gzipSync(bytes, { level: 6 }).length);
  });

  it("grow by any tail, sent alone or as a whole", async () => {
    await using lab = await sessionStore();
    const { bytes, fileId } = realTranscript("01a1fcdb-9b1d");
    const cuts = [100_000, 131_072, 500_001, 4_000_000, bytes.length];

    await lab.store.upload(WORKSPACE, upload(fileId, bytes.subarray(0, 99)));
    let stored = 99;
    for (const [index, cut] of cuts.entries()) {
      const whole = bytes.subarray(0, cut);
      const tail = index % 2 === 0;
      const sent = tail ? bytes.subarray(stored, cut) : whole;
      const result = await lab.store.upload(
        WORKSPACE,
        upload(fileId, sent, { sha256: sha256(whole), ...(tail && { offsetBytes: stored }) }),
      );

      expect(result).toMatchObject({ status: "appended", bytes: cut, sha256: sha256(whole), revision: 1 });
      stored = cut;
    }

    const [archive = ""] = await archivesOf(lab);
    expect(gunzipSync(await readFile(archive)).equals(bytes)).toBe(true);
    expect(await archivesOf(lab)).toHaveLength(1);
  });
});

describe("uploading", () => {
  it("stores the same bytes once, however often and in whatever encoding they come", async () => {
    await using lab = await sessionStore();
    const bytes = lines(10);

    const first = await lab.store.upload(WORKSPACE, upload(ID, bytes));
    const again = await lab.store.upload(WORKSPACE, upload(ID, gzipSync(bytes), { encoding: "gzip" }));
    const members = await lab.store.upload(
      WORKSPACE,
      upload(ID, Buffer.concat([gzipSync(bytes.subarray(0, 50)), gzipSync(bytes.subarray(50))]), {
        encoding: "gzip",
      }),
    );

    expect([first.status, again.status, members.status]).toEqual(["created", "unchanged", "unchanged"]);
    expect(first).toEqual({
      status: "created",
      session_id: ID,
      sha256: sha256(bytes),
      bytes: bytes.length,
      lines: 10,
      revision: 1,
    });
    expect(await archivesOf(lab)).toHaveLength(1);
  });

  it("puts the archive where its first time says, with its facts beside it", async () => {
    await using lab = await sessionStore();
    const bytes = lines(3);

    await lab.store.upload(WORKSPACE, upload(ID, bytes));

    const [archive = ""] = await archivesOf(lab);
    expect(archive.endsWith(`/sessions/2026/05/20260506T070800Z-${ID}.jsonl.gz`)).toBe(true);
    const facts: unknown = JSON.parse(await readFile(archive.replace(".jsonl.gz", ".json"), "utf8"));
    expect(facts).toMatchObject({
      session_id: ID,
      tool: "claude-code",
      started: "2026-05-06T07:08:00.000Z",
      ended: "2026-05-06T07:08:02.000Z",
      lines: 3,
      bytes: bytes.length,
      sha256: sha256(bytes),
      revision: 1,
      first_prompt: "line 0",
      archive: `2026/05/20260506T070800Z-${ID}.jsonl.gz`,
      chunks: [[expect.any(Number), bytes.length, 3, expect.any(Number)]],
    });
    expect((await stat(archive)).mode & 0o777).toBe(0o600);
  });

  it("keeps what diverges as a revision beside the old one, which stays as it is", async () => {
    await using lab = await sessionStore();
    await lab.store.upload(WORKSPACE, upload(ID, lines(5)));
    const [before = ""] = await archivesOf(lab);
    const old = await readFile(before);
    const other = Buffer.concat([lines(2), Buffer.from(line("another way"))]);

    const diverged = await lab.store.upload(WORKSPACE, upload(ID, other));
    const shorter = await lab.store.upload(WORKSPACE, upload(ID, lines(2)));
    const back = await lab.store.upload(WORKSPACE, upload(ID, lines(5)));

    expect([diverged, shorter, back]).toMatchObject([
      { status: "revision", revision: 2 },
      { status: "revision", revision: 3 },
      { status: "unchanged", revision: 1 },
    ]);
    expect((await readFile(before)).equals(old)).toBe(true);
    expect((await archivesOf(lab)).map((path) => path.replace(/^.*6666/, ""))).toEqual([
      ".jsonl.gz",
      ".r2.jsonl.gz",
      ".r3.jsonl.gz",
    ]);
    expect(await lab.store.get(WORKSPACE, ID)).toMatchObject({ revision: 3, lines: 2 });
  });

  it("records equal content under another id without storing it twice, also when either grows", async () => {
    await using lab = await sessionStore();
    const bytes = Buffer.from(lines(400).subarray(0, -1));
    await lab.store.upload(WORKSPACE, upload(ID, bytes));

    const same = await lab.store.upload(WORKSPACE, upload("fork", bytes));
    await lab.store.upload(WORKSPACE, upload(ID, Buffer.from("\n{}\n"), { offsetBytes: bytes.length }));

    expect(same).toMatchObject({ status: "created", same_as: ID, lines: 400 });
    expect(await archivesOf(lab)).toHaveLength(1);
    expect((await text(lab, "fork")).equals(bytes)).toBe(true);
    expect(await rawText(lab, "fork", 5000)).toBe(bytes.toString());
    expect((await lab.store.archives(WORKSPACE)).map(({ sessionId }) => sessionId)).toEqual([ID]);

    const grown = await lab.store.upload(
      WORKSPACE,
      upload("fork", Buffer.from("\n[]\n"), { offsetBytes: bytes.length }),
    );

    expect(grown).toMatchObject({ status: "appended", lines: 401 });
    expect((await text(lab, "fork")).toString()).toBe(`${bytes.toString()}\n[]\n`);
    expect((await text(lab, ID)).toString()).toBe(`${bytes.toString()}\n{}\n`);
    expect(await archivesOf(lab)).toHaveLength(2);
  });

  it("refuses a tail that does not fit, and says what is stored", async () => {
    await using lab = await sessionStore();
    const bytes = lines(4);
    await lab.store.upload(WORKSPACE, upload(ID, bytes));
    const details = { bytes: bytes.length, sha256: sha256(bytes) };

    const elsewhere = lab.store.upload(WORKSPACE, upload(ID, Buffer.from("{}\n"), { offsetBytes: 7 }));
    await expect(elsewhere).rejects.toMatchObject({ code: "conflict", details });
    const otherWhole = lab.store.upload(
      WORKSPACE,
      upload(ID, Buffer.from("{}\n"), { offsetBytes: bytes.length, sha256: sha256("other") }),
    );
    await expect(otherWhole).rejects.toMatchObject({ code: "conflict", details });
    const nothingStored = lab.store.upload(WORKSPACE, upload("new", Buffer.from("{}\n"), { offsetBytes: 5 }));
    await expect(nothingStored).rejects.toMatchObject({
      code: "conflict",
      details: { bytes: 0, sha256: sha256("") },
    });
    expect(
      await lab.store.upload(WORKSPACE, upload(ID, Buffer.alloc(0), { offsetBytes: bytes.length })),
    ).toMatchObject({ status: "unchanged" });
    expect((await text(lab, ID)).equals(bytes)).toBe(true);
  });

  it("appends without having seen the session before", async () => {
    await using lab = await sessionStore();
    const bytes = lines(5000);
    await lab.store.upload(WORKSPACE, upload(ID, bytes.subarray(0, 300_000)));
    const restarted = lab.restart();

    const grown = await restarted.upload(
      WORKSPACE,
      upload(ID, bytes.subarray(300_000), { offsetBytes: 300_000 }),
    );

    expect(grown).toMatchObject({ status: "appended", sha256: sha256(bytes), lines: 5000 });
    expect((await text(lab, ID)).equals(bytes)).toBe(true);
  });

  it.each([1024, 128 * 1024, 1024 * 1024])(
    "appends to an archive with chunks of %i bytes, and keeps those",
    async (chunkBytes) => {
      await using before = await sessionStore({ chunkBytes });
      const bytes = lines(20_000);
      await before.store.upload(WORKSPACE, upload(ID, bytes.subarray(0, 2_000_000)));
      const [archive = ""] = await archivesOf(before);
      const chunks = decodeHeader(await readFile(archive)) ?? [];
      const store = new SessionStore(before.path, new WriteGuard(before.path));

      const grown = await store.upload(
        WORKSPACE,
        upload(ID, bytes.subarray(2_000_000), { offsetBytes: 2_000_000 }),
      );

      expect(grown).toMatchObject({ status: "appended", sha256: sha256(bytes), lines: 20_000 });
      expect(gunzipSync(await readFile(archive)).equals(bytes)).toBe(true);
      expect((await text({ ...before, store }, ID)).equals(bytes)).toBe(true);
      expect(chunks.length).toBeGreaterThan(1);
      expect(decodeHeader(await readFile(archive))).toEqual(expect.arrayContaining(chunks.slice(0, -1)));
    },
  );

  it.each([
    ["empty", Buffer.alloc(0)],
    ["an image", Buffer.from("89504e470d0a1a0a0000000d49484452", "hex")],
    ["compressed twice", gzipSync("{}")],
    ["nested beyond reason", Buffer.from("[".repeat(LIMITS.sessions.lineDepth + 1))],
  ])("refuses a transcript that is %s", async (_, bytes) => {
    await using lab = await sessionStore();

    await expect(lab.store.upload(WORKSPACE, upload(ID, bytes))).rejects.toMatchObject({
      code: "invalid_input",
    });
    expect(await lab.files()).toEqual([]);
  });

  it("refuses bytes that are not the announced ones", async () => {
    await using lab = await sessionStore();

    await expect(
      lab.store.upload(WORKSPACE, upload(ID, lines(2), { sha256: sha256("x") })),
    ).rejects.toMatchObject({ code: "invalid_input" });
    expect(await lab.files()).toEqual([]);
  });

  it("refuses ids that differ only in case, also at once", async () => {
    await using lab = await sessionStore();

    const results = await Promise.allSettled([
      lab.store.upload(WORKSPACE, upload("Abc", lines(1))),
      lab.store.upload(WORKSPACE, upload("aBC", lines(2))),
    ]);

    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(results.find((result) => result.status === "rejected")?.reason).toMatchObject({
      code: "conflict",
    });
  });

  it("orders uploads of one session that come at once", async () => {
    await using lab = await sessionStore();
    const whole = lines(50);
    const snapshots = [10, 20, 30, 40, 50].map((count) => lines(count));

    await Promise.all(snapshots.map((bytes) => lab.store.upload(WORKSPACE, upload(ID, bytes))));

    expect((await text(lab, ID)).equals(whole)).toBe(true);
    expect(await archivesOf(lab)).toHaveLength(1);
  });

  it("keeps one of two tails that come at once, and says so to the other", async () => {
    await using lab = await sessionStore();
    const bytes = lines(400);
    await lab.store.upload(WORKSPACE, upload(ID, bytes));
    const tails = ["one", "other"].map((word) => Buffer.from(line(word)));

    const results = await Promise.allSettled(
      tails.map((tail) => lab.store.upload(WORKSPACE, upload(ID, tail, { offsetBytes: bytes.length }))),
    );

    expect(results).toEqual([
      expect.objectContaining({ value: expect.objectContaining({ status: "appended" }) }),
      expect.objectContaining({ reason: expect.objectContaining({ code: "conflict" }) }),
    ]);
    expect((await text(lab, ID)).toString()).toBe(`${bytes.toString()}${tails[0]?.toString()}`);
  });

  it("keeps both of two transcripts that grew apart and come at once", async () => {
    await using lab = await sessionStore();
    const bytes = lines(400);
    await lab.store.upload(WORKSPACE, upload(ID, bytes));
    const grown = ["one", "other"].map((word) => Buffer.concat([bytes, Buffer.from(line(word))]));

    const results = await Promise.all(grown.map((whole) => lab.store.upload(WORKSPACE, upload(ID, whole))));

    expect(results.map(({ status, revision }) => [status, revision])).toEqual([
      ["appended", 1],
      ["revision", 2],
    ]);
    const kept = await Promise.all((await archivesOf(lab)).map((archive) => readFile(archive)));
    expect(kept.map((file) => gunzipSync(file))).toEqual(grown);
  });

  it("grows from a gzip that somebody put there, sent as a whole or as a tail", async () => {
    await using lab = await sessionStore();
    const folder = join(lab.path, "workspaces", WORKSPACE, "sessions/2026/05");
    await mkdir(folder, { recursive: true });
    const old = lines(2000);
    const members = Buffer.concat([gzipSync(old.subarray(0, 5000)), gzipSync(old.subarray(5000))]);
    for (const id of ["tail", "whole"])
      await writeFile(join(folder, `20260506T070800Z-${id}.jsonl.gz`), members);
    const grown = lines(2100);

    const tail = await lab.store.upload(
      WORKSPACE,
      upload("tail", grown.subarray(old.length), { offsetBytes: old.length, sha256: sha256(grown) }),
    );
    const whole = await lab.store.upload(WORKSPACE, upload("whole", grown));

    for (const result of [tail, whole])
      expect(result).toMatchObject({ status: "appended", lines: 2100, revision: 1 });
    for (const archive of await archivesOf(lab))
      expect(gunzipSync(await readFile(archive)).equals(grown)).toBe(true);
    expect((await rawText(lab, "tail", 50_000)).length).toBe(grown.length - 1);
  });

  it("lets an upload that waits for another one give up", async () => {
    await using lab = await sessionStore();
    const goOn = Promise.withResolvers<void>();
    async function* slow(): AsyncGenerator<Buffer> {
      yield lines(1);
      await goOn.promise;
      yield lines(1, 1);
    }
    const first = lab.store.upload(WORKSPACE, upload(ID, Buffer.alloc(0), { source: slow() }));
    const caller = new AbortController();
    const second = lab.store.upload(WORKSPACE, upload(ID, lines(3), { signal: caller.signal }));

    caller.abort(new Error("the caller left"));

    await expect(second).rejects.toThrow("the caller left");
    goOn.resolve();
    expect(await first).toMatchObject({ status: "created", lines: 2 });
  });

  it("takes a transcript of nothing but line ends", async () => {
    await using lab = await sessionStore();
    const bytes = Buffer.alloc(1_000_000, "\n");

    const result = await lab.store.upload(WORKSPACE, upload(ID, bytes));

    expect(result).toMatchObject({ status: "created", lines: 1_000_000 });
    expect((await text(lab, ID)).equals(bytes)).toBe(true);
  });

  it("keeps any bytes, whatever the line ends and encoding", async () => {
    const bytes = fc
      .array(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.constantFrom("\r\n", "\n", "\u2028", '{"a":"é"}\n', "\ufeff{}").map((part) => Buffer.from(part)),
        ),
      )
      .map((parts) => Buffer.concat([Buffer.from("{\n"), ...parts]));
    await using lab = await sessionStore();
    let count = 0;

    await fc.assert(
      fc.asyncProperty(bytes, fc.nat(), async (raw, cutAt) => {
        const id = `any-${(count += 1)}`;
        const cut = 1 + (cutAt % raw.length);
        await lab.store.upload(WORKSPACE, upload(id, raw.subarray(0, cut)));
        await lab.store.upload(
          WORKSPACE,
          upload(id, raw.subarray(cut), { offsetBytes: cut, sha256: sha256(raw) }),
        );

        expect((await text(lab, id)).equals(raw)).toBe(true);
        const entry = await lab.store.get(WORKSPACE, id);
        expect(entry?.lines).toBe(raw.toString("latin1").replace(/\n$/, "").split("\n").length);
        const middle = await streamOf(lab, id, { mask: true }, { fromByte: 2, toByte: cut });
        expect((await buffer(middle.stream)).equals(raw.subarray(2, cut))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});

describe("limits of an upload", () => {
  const small = { rawBytes: 1000, lineBytes: 400, gzipBytes: 800, ratioGraceBytes: 100, inflateRatio: 20 };
  const letters = (length: number): string =>
    JSON.stringify({
      text: randomBytes(length)
        .toString("hex")
        .slice(0, length - 11),
    });

  it("are inclusive", async () => {
    await using lab = await sessionStore(small);
    const full = Buffer.from(`${letters(399)}\n${letters(399)}\n${letters(199)}\n`);
    const padding = gzipSync(full, { level: 0 }).length;

    expect(full).toHaveLength(1000);
    expect(await lab.store.upload(WORKSPACE, upload("raw", full))).toMatchObject({ status: "created" });
    await expect(
      lab.store.upload(WORKSPACE, upload("raw1", Buffer.concat([full, Buffer.from("\n")]))),
    ).rejects.toMatchObject({ code: "too_large" });
    expect(await lab.store.upload(WORKSPACE, upload("line", Buffer.from(`${letters(400)}\n`)))).toMatchObject(
      { status: "created" },
    );
    await expect(
      lab.store.upload(WORKSPACE, upload("line1", Buffer.from(letters(401)))),
    ).rejects.toMatchObject({ code: "too_large" });
    expect(padding).toBeGreaterThan(small.gzipBytes);
    await expect(
      lab.store.upload(WORKSPACE, upload("gz1", gzipSync(full, { level: 0 }), { encoding: "gzip" })),
    ).rejects.toMatchObject({ code: "too_large" });
  });

  it("measure a plain transcript as it is stored", async () => {
    await using lab = await sessionStore({ gzipBytes: 1000 });
    const half = Buffer.from(`${letters(900)}\n`);

    expect(await lab.store.upload(WORKSPACE, upload(ID, half))).toMatchObject({ status: "created" });
    const tail = upload(ID, Buffer.from(letters(1800)), { offsetBytes: half.length });
    await expect(lab.store.upload(WORKSPACE, tail)).rejects.toMatchObject({ code: "too_large" });
    expect((await text(lab, ID)).equals(half)).toBe(true);
  });

  it("count what is stored already when a tail comes", async () => {
    await using lab = await sessionStore(small);
    const head = Buffer.from(`${letters(399)}\n${letters(399)}\n`);
    await lab.store.upload(WORKSPACE, upload(ID, head));

    await expect(
      lab.store.upload(WORKSPACE, upload(ID, Buffer.from(letters(201)), { offsetBytes: 800 })),
    ).rejects.toMatchObject({ code: "too_large" });
    expect(
      await lab.store.upload(WORKSPACE, upload(ID, Buffer.from(letters(200)), { offsetBytes: 800 })),
    ).toMatchObject({ status: "appended", bytes: 1000 });
  });

  it("stop a gzip that inflates too much, after the grace", async () => {
    await using lab = await sessionStore({ ...small, rawBytes: 1_000_000, lineBytes: 1_000_000 });
    const zipped = (length: number): Buffer =>
      gzipSync(Buffer.from(`{"a":"${"a".repeat(length)}"}\n`), { level: 9 });

    expect(await lab.store.upload(WORKSPACE, upload("few", zipped(80), { encoding: "gzip" }))).toMatchObject({
      status: "created",
    });
    await expect(
      lab.store.upload(WORKSPACE, upload("many", zipped(100_000), { encoding: "gzip" })),
    ).rejects.toMatchObject({ code: "too_large" });
    expect(await lab.files()).toHaveLength(2);
  });
});
