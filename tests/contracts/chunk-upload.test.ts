import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { constants, deflateRawSync, gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { chunkMembers } from "../../client/remote/chunk-members.ts";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { sha256 } from "../../disk/digest.ts";
import { decodeHeader } from "../../server/storage/seekable-gzip-table.ts";
import { chunkMember, deflatedChunk, inflatedAlone, memberOf } from "../support/chunk-member.ts";
import { random } from "../support/random.ts";
import {
  archivesOf,
  line,
  sessionStore,
  text,
  upload,
  WORKSPACE,
  type SessionStoreLab,
} from "../support/session-store.ts";
import { realTranscripts } from "../support/transcripts.ts";

const CHUNK_BYTES = 4096;
const chance = random(20_261_121);
/** From 0 up to, not including, `end`. */
const below = (end: number): number => chance.integer(0, end - 1);
/** Lines that do not deflate well, each at least so long. */
const noise = (bytes: number): Buffer => {
  const letters = Array.from({ length: bytes }, () => below(36).toString(36)).join("");
  return Buffer.from(line(letters));
};
/** Just what the server cuts off as one chunk. */
const CHUNK = noise(CHUNK_BYTES);
const LATER = noise(CHUNK_BYTES);

/** What the server made of an upload: its answer's digest, or why it refused. */
async function outcomeOf(lab: SessionStoreLab, id: string, bytes: Buffer): Promise<string> {
  try {
    return (await lab.store.upload(WORKSPACE, upload(id, bytes, { encoding: "gzip" }))).sha256;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

/** The stored archive must be what was acknowledged, for every reader, and still when it grows. */
async function expectWhole(lab: SessionStoreLab, id: string, digest: string, why: string): Promise<void> {
  const raw = await text(lab, id);
  expect(sha256(raw), `${why}: read chunk by chunk`).toBe(digest);
  expect(gunzipSync(await fileOf(lab, id)).equals(raw), `${why}: read by gunzip`).toBe(true);

  const whole = Buffer.concat([raw, LATER, LATER]);
  const tail = { offsetBytes: raw.length, sha256: sha256(whole) };
  await lab.store.upload(WORKSPACE, upload(id, Buffer.concat([LATER, LATER]), tail));

  expect((await text(lab, id)).equals(whole), `${why}: grown, read chunk by chunk`).toBe(true);
  expect(gunzipSync(await fileOf(lab, id)).equals(whole), `${why}: grown, read by gunzip`).toBe(true);
}

async function fileOf(lab: SessionStoreLab, id: string): Promise<Buffer> {
  const path = (await archivesOf(lab)).find((name) => name.includes(id));
  return readFile(path ?? "no archive");
}

describe("a transcript that is sent in chunks", () => {
  it("is stored in the very bytes that were sent", async () => {
    await using lab = await sessionStore({ chunkBytes: CHUNK_BYTES });
    const { pieceBytes } = LIMITS.sessions;
    const long = Buffer.from(line(noise(1000).toString("latin1").repeat(1000)));
    const parts = [CHUNK, long.subarray(0, pieceBytes), long.subarray(pieceBytes), LATER];
    // Not as the server itself would deflate them.
    const deflated = parts.map((part) => deflatedChunk(part, 1));
    const sent = parts.map((part, index) => chunkMember(part, deflated[index]));

    const digest = await outcomeOf(lab, "id", Buffer.concat(sent));

    expect(digest).toBe(sha256(Buffer.concat(parts)));
    const file = await fileOf(lab, "id");
    expect(decodeHeader(file)?.map(({ rawBytes }) => rawBytes)).toEqual([
      CHUNK.length,
      long.length,
      LATER.length,
    ]);
    const body = Buffer.concat(deflated);
    expect(file.subarray(-10 - body.length, -10).equals(body)).toBe(true);
    await expectWhole(lab, "id", digest, "kept");
  });

  it("comes back byte for byte from what memory-sync sends", async () => {
    await using lab = await sessionStore();
    for (const { bytes, fileId } of realTranscripts()) {
      const sent = await buffer(chunkMembers(Readable.from([bytes.subarray(0, 99), bytes.subarray(99)])));
      const options = { encoding: "gzip", sha256: sha256(bytes) } as const;

      const written = await lab.store.upload(WORKSPACE, upload(fileId, sent, options));

      expect(written).toMatchObject({ status: "created", bytes: bytes.length });
      expect(gunzipSync(sent).equals(bytes)).toBe(true);
      expect((await text(lab, fileId)).equals(bytes)).toBe(true);
      expect(gunzipSync(await fileOf(lab, fileId)).equals(bytes)).toBe(true);
    }
  });

  it("has the chunks it would have had in any other encoding", async () => {
    const long = Buffer.from(`${JSON.stringify({ text: "long ".repeat(700_000) })}\n`);
    const raw = Buffer.concat([noise(300_000), long, noise(100), noise(1_500_000), Buffer.from("open")]);
    const sent = await buffer(chunkMembers(Readable.from([raw])));

    const tables = [];
    for (const [bytes, encoding] of [
      [raw, "identity"],
      [sent, "gzip"],
      [gzipSync(raw), "gzip"],
    ] as const) {
      await using lab = await sessionStore();
      await lab.store.upload(WORKSPACE, upload("id", bytes, { encoding }));
      const chunks = decodeHeader(await fileOf(lab, "id"));
      tables.push(chunks?.map(({ rawBytes, lines, crc }) => ({ rawBytes, lines, crc })));
    }

    expect(tables[0]).toHaveLength(4);
    expect(tables[1]).toEqual(tables[0]);
    expect(tables[2]).toEqual(tables[0]);
  });

  it("may be followed by any other gzip member, and may be cut wherever its sender likes", async () => {
    await using lab = await sessionStore({ chunkBytes: CHUNK_BYTES });
    const raw = Buffer.concat([CHUNK, LATER, noise(2 * CHUNK_BYTES), CHUNK]);
    const cuts = [0, 3000, 9000, 11_000, raw.length];
    const parts = cuts.slice(1).map((cut, index) => raw.subarray(cuts[index], cut));
    const sent = {
      elsewhere: Buffer.concat(parts.map((part) => chunkMember(part))),
      "then-gzip": Buffer.concat([chunkMember(CHUNK), gzipSync(raw.subarray(CHUNK.length))]),
      "gzip-first": Buffer.concat([gzipSync(CHUNK), chunkMember(raw.subarray(CHUNK.length))]),
    };

    for (const [id, bytes] of Object.entries(sent)) {
      const own = Buffer.concat([chunkMember(Buffer.from(line(id))), bytes]);
      const digest = await outcomeOf(lab, id, own);

      expect(digest, id).toBe(sha256(Buffer.concat([Buffer.from(line(id)), raw])));
      await expectWhole(lab, id, digest, id);
    }
  });

  it.each<[string, Buffer]>([
    ["ends with a last block", memberOf(deflateRawSync(CHUNK))],
    ["has a last block within", memberOf(Buffer.concat([deflateRawSync(CHUNK), deflatedChunk(LATER)]))],
    [
      "refers to bytes before it",
      chunkMember(CHUNK, deflateRawSync(CHUNK, { dictionary: CHUNK, finishFlush: constants.Z_FULL_FLUSH })),
    ],
    ["is no deflated bytes at all", chunkMember(CHUNK, CHUNK)],
    [
      "has another checksum",
      Buffer.concat([chunkMember(CHUNK).subarray(0, -8), chunkMember(LATER).subarray(-8)]),
    ],
    ["says it is shorter than it is", chunkMember(CHUNK.subarray(0, -1), deflatedChunk(CHUNK))],
    ["says it is longer than it is", chunkMember(Buffer.concat([CHUNK, CHUNK]), deflatedChunk(CHUNK))],
    ["ends within its end", chunkMember(CHUNK).subarray(0, -1)],
    ["ends within its bytes", chunkMember(CHUNK).subarray(0, 2000)],
    ["is followed by something else", Buffer.concat([chunkMember(CHUNK), Buffer.from("and more")])],
    ["is followed by zeros", Buffer.concat([chunkMember(CHUNK), Buffer.alloc(3)])],
    [
      "is full of empty blocks",
      memberOf(Buffer.concat([...Array.from({ length: 2000 }, () => EMPTY), deflatedChunk(CHUNK)])),
    ],
    ["inflates to more than a piece", chunkMember(noise(LIMITS.sessions.pieceBytes))],
  ])("is refused when a chunk %s", async (_, sent) => {
    await using lab = await sessionStore({ chunkBytes: CHUNK_BYTES });

    for (const before of [Buffer.alloc(0), chunkMember(LATER)])
      expect(await outcomeOf(lab, "id", Buffer.concat([before, sent]))).toBe("invalid_input");

    expect(await lab.files()).toEqual([]);
  });

  it("is refused when a chunk leaves a block open for what follows", async () => {
    await using lab = await sessionStore({ chunkBytes: CHUNK_BYTES });
    const open = deflatedChunk(CHUNK);

    for (const isLast of [0, 1])
      for (const bytes of [0, 1, 2, 4, 5, 16, 20, 21, 22, 300])
        for (const given of [0, 1, bytes].filter((count) => count <= bytes)) {
          const head = Buffer.from([isLast, bytes & 0xff, bytes >>> 8, ~bytes & 0xff, (~bytes >>> 8) & 0xff]);
          const half = Buffer.concat([open, head, Buffer.alloc(given, "x")]);
          if (isLast === 0 && given === bytes) continue;
          const sent = Buffer.concat([memberOf(half), chunkMember(LATER)]);
          expect(await outcomeOf(lab, "id", sent), `${isLast} ${bytes} ${given}`).toBe("invalid_input");
        }
    for (let cut = 1; cut < 40; cut += 1)
      expect(await outcomeOf(lab, "id", memberOf(open.subarray(0, -cut))), `${cut}`).toBe("invalid_input");
    for (const strategy of [constants.Z_FIXED, constants.Z_HUFFMAN_ONLY]) {
      const unaligned = deflateRawSync(CHUNK, { strategy, finishFlush: constants.Z_PARTIAL_FLUSH });
      expect(await outcomeOf(lab, "id", memberOf(unaligned)), `${strategy}`).toBe("invalid_input");
    }

    expect(await lab.files()).toEqual([]);
  });

  it("takes no more room than its raw bytes and little else", async () => {
    await using lab = await sessionStore({ chunkBytes: CHUNK_BYTES });

    await outcomeOf(
      lab,
      "stored",
      Buffer.concat([chunkMember(CHUNK, deflatedChunk(CHUNK, 0)), chunkMember(LATER)]),
    );

    expect((await fileOf(lab, "stored")).length).toBeLessThan(CHUNK.length + LATER.length + 200);
  });

  it("is refused as a bomb like any other gzip", async () => {
    await using lab = await sessionStore();
    const bomb = Buffer.alloc(LIMITS.sessions.pieceBytes, "\n").fill(noise(1000), 0, 1000);
    const sent = Buffer.concat(Array.from({ length: 20 }, () => chunkMember(bomb)));

    expect(await outcomeOf(lab, "bomb", sent)).toBe("too_large");
  });

  it("is stored as it was acknowledged or refused, whatever happened to its bytes", async () => {
    await using lab = await sessionStore({ chunkBytes: CHUNK_BYTES });
    const refusals: string[] = [];
    for (let round = 0; round < 2000; round += 1) {
      const first = Buffer.from(line(`round ${round}`));
      const chunk = deflatedChunk(Buffer.concat([first, CHUNK]));
      // With a checksum that fits, so that nothing but the chunk's own form can give it away, or as a whole.
      const sent =
        round % 2 === 0
          ? Buffer.concat([memberOf(mutated(chunk)), chunkMember(LATER)])
          : mutated(Buffer.concat([chunkMember(inflatedAlone(chunk), chunk), chunkMember(LATER)]));
      const id = `round-${round}`;
      const outcome = await outcomeOf(lab, id, sent);
      if (/^[0-9a-f]{64}$/.test(outcome)) await expectWhole(lab, id, outcome, `round ${round}`);
      else refusals.push(outcome);
    }

    expect(new Set(refusals)).toEqual(new Set(["invalid_input"]));
    expect(refusals.length).toBeGreaterThan(500);
    expect(refusals.length).toBeLessThan(1900);
  }, 240_000);
});

/** An empty block that is not the last one. */
const EMPTY = Buffer.from([0, 0, 0, 0xff, 0xff]);

/** The bytes with one to three of them changed, taken out, doubled or put in, mostly near the end, where blocks end. */
function mutated(bytes: Buffer): Buffer {
  let result = Buffer.from(bytes);
  for (let left = 1 + below(3); left > 0; left -= 1) {
    const at = below(3) === 0 ? below(result.length) : result.length - 1 - below(Math.min(40, result.length));
    const [before, after] = [result.subarray(0, at), result.subarray(at)];
    const changes = [
      () => Buffer.concat([before, Buffer.from([(after[0] ?? 0) ^ (1 << below(8))]), after.subarray(1)]),
      () => Buffer.concat([before, after.subarray(1 + below(6))]),
      () => Buffer.concat([before, after.subarray(0, 5), after]),
      () => Buffer.concat([before, Buffer.from([below(256)]), after]),
      () => Buffer.concat([before, EMPTY, after]),
    ];
    result = Buffer.from(changes[below(changes.length)]?.() ?? result);
  }
  return result;
}
