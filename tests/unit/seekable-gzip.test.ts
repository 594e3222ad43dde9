import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeEnd, encodeHeader, SeekableDeflate, type Chunk } from "../../server/storage/seekable-gzip.ts";
import { DamagedGzip, SeekableGzipFile } from "../../server/storage/seekable-gzip-file.ts";
import { decodeHeader } from "../../server/storage/seekable-gzip-table.ts";
import { tempFolder } from "../support/temp-folder.ts";

interface Packed {
  file: Buffer;
  body: Buffer;
  chunks: Chunk[];
}

async function pack(
  pieces: Buffer[],
  chunkBytes: number,
  before?: { body: Buffer; chunks: Chunk[] },
): Promise<Packed> {
  const written: Buffer[] = before === undefined ? [] : [before.body];
  const deflater = new SeekableDeflate(async (data) => void written.push(data), {
    chunkBytes,
    ...(before && { after: before.chunks }),
  });
  for (const piece of pieces) await deflater.add(piece);
  const { header, chunks } = encodeHeader(await deflater.finish());
  const body = Buffer.concat(written);
  return { file: Buffer.concat([header, body, encodeEnd(chunks)]), body, chunks };
}

async function withFile<T>(bytes: Buffer, work: (file: SeekableGzipFile) => Promise<T>): Promise<T> {
  await using folder = await tempFolder();
  const path = join(folder.path, "a.gz");
  await writeFile(path, bytes);
  await using handle = await open(path);
  return await work(await SeekableGzipFile.open(handle));
}

async function rawChunks(bytes: Buffer): Promise<Buffer[]> {
  return withFile(bytes, async (file) =>
    Promise.all((file.chunks ?? []).map((chunk) => file.inflate(chunk))),
  );
}

const piece = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: "binary" }).map((text) => Buffer.from(`${text}\r\n`)),
  fc.nat({ max: 2000 }).map((length) => Buffer.alloc(length, "x")),
  fc.constant(Buffer.from("\n")),
);
const pieces = fc.array(piece, { maxLength: 30 });
const lines = (raw: Buffer): number =>
  raw.toString("latin1").split("\n").length - (raw.length === 0 || raw.at(-1) === 0x0a ? 1 : 0);

describe("a seekable gzip", () => {
  it("inflates to the bytes that went in, whole and chunk by chunk", async () => {
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 500 }), async (input, chunkBytes) => {
        const raw = Buffer.concat(input);

        const { file, chunks } = await pack(input, chunkBytes);

        expect(gunzipSync(file).equals(raw)).toBe(true);
        const parts = await rawChunks(file);
        expect(Buffer.concat(parts).equals(raw)).toBe(true);
        expect(chunks.map(({ lines }) => lines)).toEqual(parts.map(lines));
        for (const part of parts.slice(0, -1)) {
          expect(part.length).toBeGreaterThanOrEqual(chunkBytes);
          expect(part.indexOf(0x0a, chunkBytes - 1)).toBe(part.length - 1);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("grows by any tails to the same bytes, keeping all deflated chunks but the last", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { minLength: 1, maxLength: 5 }), async (uploads) => {
        let grown = await pack([], 100);
        for (const upload of uploads) {
          const keep = grown.chunks.slice(0, -1);
          const keptBytes = keep.reduce((total, chunk) => total + chunk.deflatedBytes, 0);
          const last = (await rawChunks(grown.file)).at(-1) ?? Buffer.alloc(0);
          grown = await pack([last, ...upload], 100, {
            body: grown.body.subarray(0, keptBytes),
            chunks: keep,
          });
        }

        expect(gunzipSync(grown.file).equals(Buffer.concat(uploads.flat()))).toBe(true);
        expect(grown.file.equals((await pack(uploads.flat(), 100)).file)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it("counts a line of many megabytes as one chunk", async () => {
    const line = Buffer.concat([Buffer.alloc(3 * 1024 * 1024 + 7, "z"), Buffer.from("\n")]);

    const { file, chunks } = await pack([line, Buffer.from("end")], 128 * 1024);

    expect(chunks.map(({ rawBytes, lines }) => [rawBytes, lines])).toEqual([
      [line.length, 1],
      [3, 1],
    ]);
    expect(Buffer.concat(await rawChunks(file)).equals(Buffer.concat([line, Buffer.from("end")]))).toBe(true);
  });

  it("joins neighbouring chunks when the header cannot name them all", async () => {
    const raw = Buffer.from("0123456789\n".repeat(20_000));

    const { file, chunks } = await pack([raw], 10);

    expect(chunks.length).toBeLessThan(20_000);
    expect(chunks.length).toBeGreaterThan(2000);
    expect(gunzipSync(file).equals(raw)).toBe(true);
    expect(Buffer.concat(await rawChunks(file)).equals(raw)).toBe(true);
  });

  it("notices every flipped bit in every part of the file", async () => {
    const raw = Buffer.from("one line\nanother line\n".repeat(20));
    const { file } = await pack([raw], 64);

    for (let at = 0; at < file.length; at += 1) {
      const flipped = Buffer.from(file);
      flipped[at] = (flipped[at] ?? 0) ^ 0x10;
      const outcome = await rawChunks(flipped).then(
        (parts) => Buffer.concat(parts).toString(),
        (error: unknown) => (error instanceof DamagedGzip ? "damage noticed" : error),
      );

      // Time and system of the header mean nothing; without a table the file is a plain gzip, which zlib checks.
      expect(["damage noticed", "a plain gzip", raw.toString()]).toContain(
        outcome === "" ? "a plain gzip" : outcome,
      );
    }
  });

  it("does not trust a table that promises too much", () => {
    const { header } = encodeHeader([{ deflatedBytes: 10, rawBytes: 1_000_000_000, lines: 1, crc: 0 }]);

    expect(decodeHeader(header)).toBeUndefined();
  });

  it("tells a cut file from a whole one", async () => {
    const { file } = await pack([Buffer.from("a\nb\n")], 2);

    for (let length = 0; length < file.length; length += 1)
      await expect(rawChunks(file.subarray(0, length)), `${length} bytes`).rejects.toThrow(DamagedGzip);
  });
});
