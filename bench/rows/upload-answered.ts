import { createHash, randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Row } from "../bench.ts";
import { generatedSession } from "../generate/transcript.ts";
import { Writers } from "../generate/writer.ts";
import { findingOf } from "../measure/finding.ts";
import { interleave, type Trial } from "../measure/interleave.ts";
import { HttpClient } from "../programs/http-client.ts";
import { MemoryServer, type WritableWorkspace } from "../programs/memory-server.ts";
import { unlikeOthers, upload, uploadBody, type UploadBody } from "../programs/upload.ts";

const GATE = { timesBaseline: 1.2 };
/** Sessions of one measurement, of the usual sizes; no corpus has these numbers. */
const SESSIONS = 10;
const FIRST = 1_000_000;

/**
 * From the first byte of an upload to the answer that says it is durable. The index is not in it: what is stored is indexed
 * in the next pause.
 */
export const uploadAnswered: Row = {
  name: "upload-answered",
  title: "Upload answered, per session",
  baseline: "SHA-256, gzip -6, write and fsync alone, in one process",
  remark:
    "The baseline deflates (4 ms of a core for 0.45 MB) and syncs one file. Ours does that too, and takes the bytes from HTTP, inflates them, looks for what was changed by hand before and after (0.7 ms), learns the facts, and syncs two files and then their folder. Indexing at once made it a quarter to three quarters longer; it waits for a pause now. Not tried: keeping chunks that the client deflated, once they are checked, which would save at most those 4 ms.",
  async run(bench) {
    await bench.quiet();
    await using folder = await bench.scratch();
    await using server = await MemoryServer.start(join(folder.path, "root"));
    const workspace = await server.register({ machine: "bench", tool: "codex", project: "uploads" });
    const writers = new Writers();
    const raws = Array.from({ length: SESSIONS }, (_, index) => generatedSession(FIRST + index, writers).raw);
    const ours = {
      "sent compressed, as memory-sync does": uploadTrial(server, workspace, { raws, encoding: "gzip" }),
      "sent as it is": uploadTrial(server, workspace, { raws, encoding: "identity" }),
    };
    const turns = { rounds: bench.sizes.rounds.slow, warmUp: 2 };
    const comparisons = await interleave(ours, storeTrial(raws, folder.path), turns);
    return comparisons.map((comparison) => findingOf(comparison, "ms", GATE));
  },
};

/** Milliseconds per session; they are made ready before the clock runs. */
function uploadTrial(
  server: MemoryServer,
  { id, headers }: WritableWorkspace,
  { raws, encoding }: { raws: readonly Buffer[]; encoding: UploadBody["encoding"] },
): Trial {
  const client = new HttpClient(server.url, headers);
  return async () => {
    const ready = raws.map((raw) => {
      const sessionId = randomUUID();
      const path = `/api/v1/workspaces/${id}/sessions/${sessionId}`;
      return { path, body: uploadBody(unlikeOthers(raw, sessionId), encoding) };
    });
    const started = performance.now();
    for (const { path, body } of ready) await upload(client, path, body);
    return (performance.now() - started) / raws.length;
  };
}

/** What cannot be left out, one after the other. */
function storeTrial(raws: readonly Buffer[], folder: string): Trial {
  const file = join(folder, "baseline.gz");
  return async () => {
    const started = performance.now();
    for (const raw of raws) store(raw, file);
    const ms = (performance.now() - started) / raws.length;
    unlinkSync(file);
    return ms;
  };
}

function store(raw: Buffer, file: string): void {
  createHash("sha256").update(raw).digest("hex");
  const handle = openSync(file, "w");
  writeSync(handle, gzipSync(raw, { level: 6 }));
  fsyncSync(handle);
  closeSync(handle);
}
