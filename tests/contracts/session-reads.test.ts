import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../disk/digest.ts";
import { decodeHeader, type Chunk } from "../../server/storage/seekable-gzip-table.ts";
import { countReads } from "../support/file-reads.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { ID, line } from "../support/session-store.ts";

/** Of several chunks, each of them much longer deflated than the table. */
const RAW = Buffer.from(Array.from({ length: 1500 }, () => line(randomBytes(500).toString("hex"))).join(""));
/** The beginning of an archive, where its table stands, and its end. */
const TABLE_BYTES = 16 * 1024 + 10;

interface Placed extends Chunk {
  firstByte: number;
  firstLine: number;
}

/** A server that holds `RAW` as one session, which it has looked up before. */
async function stored(): Promise<{ server: TestServer; at: string; chunks: Placed[] } & AsyncDisposable> {
  const server = await startServer();
  const { id, writeToken } = await server.register({ machine: "m", tool: "claude-code", project: "p" });
  const at = `workspaces/${id}/sessions/${ID}`;
  const headers = { "x-content-sha256": sha256(RAW), "x-workspace-token": writeToken };
  await server.api(at, { method: "PUT", body: RAW, headers, token: server.tokens.sync });
  await server.api(at, { method: "HEAD" });
  const sessions = join(server.root, "workspaces", id, "sessions");
  const names = await readdir(sessions, { recursive: true });
  const archive = names.find((name) => name.endsWith(".gz")) ?? "";
  const chunks = placed(decodeHeader(await readFile(join(sessions, archive))) ?? []);
  return { server, at, chunks, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function placed(chunks: readonly Chunk[]): Placed[] {
  let [firstByte, firstLine] = [0, 1];
  return chunks.map((chunk) => {
    const place = { ...chunk, firstByte, firstLine };
    firstByte += chunk.rawBytes;
    firstLine += chunk.lines;
    return place;
  });
}

/** What has to be read of the file for these raw bytes. */
function neededBytes(chunks: readonly Placed[], { from, to }: { from: number; to: number }): number {
  return chunks
    .filter(({ firstByte, rawBytes }) => firstByte < to && firstByte + rawBytes > from)
    .reduce((total, { deflatedBytes }) => total + deflatedBytes, 0);
}

describe("reading a part of a long session", () => {
  it("inflates the chunks that a range of bytes lies in, and no others", async () => {
    await using session = await stored();
    const { server, at, chunks } = session;
    const [, second, third] = chunks;
    const border = third?.firstByte ?? 0;
    const ranges = [
      { from: 0, to: 1 },
      { from: border - 10, to: border },
      { from: border, to: border + 10 },
      { from: border - 10, to: border + 10 },
      { from: second?.firstByte ?? 0, to: border + 1 },
      { from: RAW.length - 1, to: RAW.length },
    ];
    expect(chunks.length).toBeGreaterThan(5);

    for (const { from, to } of ranges) {
      using reads = await countReads();
      const answer = await server.api(at, { headers: { range: `bytes=${from}-${to - 1}` } });
      const bytes = Buffer.from(await answer.arrayBuffer());

      expect(answer.status).toBe(206);
      expect(bytes.equals(RAW.subarray(from, to))).toBe(true);
      const needed = neededBytes(chunks, { from, to });
      expect(reads.bytes).toBeGreaterThanOrEqual(needed);
      expect(reads.bytes).toBeLessThanOrEqual(needed + TABLE_BYTES);
    }
  });

  it("inflates the chunks that a page lies in, and no others", async () => {
    await using session = await stored();
    const { server, at, chunks } = session;

    for (const { firstLine, deflatedBytes } of chunks.slice(1, -1)) {
      using reads = await countReads();
      const answer = await server.api(`${at}/lines?view=raw&max_lines=20&from_line=${firstLine}`);

      expect(await answer.json()).toMatchObject({ from_line: firstLine, next_line: firstLine + 20 });
      expect(reads.bytes).toBeGreaterThanOrEqual(deflatedBytes);
      expect(reads.bytes).toBeLessThanOrEqual(deflatedBytes + TABLE_BYTES);
    }
  });

  it("reads nothing of it to say that a caller has it already", async () => {
    await using session = await stored();
    const { server, at } = session;

    using reads = await countReads();
    const answer = await server.api(at, { headers: { "if-none-match": `"${sha256(RAW)}"` } });

    expect(answer.status).toBe(304);
    expect(reads.bytes).toBe(0);
  });
});
