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
import { plainBody, unlikeOthers, upload, uploadBody, type UploadBody } from "../programs/upload.ts";

const GATE = { timesBaseline: 1.2 };
/** Sessions of one measurement, of the usual sizes; no corpus has these numbers. */
const SESSIONS = 10;
const FIRST = 1_000_000;
/** Information: they are inflated and deflated again. */
const BY_OTHERS = "for comparison: sent compressed, as other programs do";

/**
 * From the first byte of an upload to the answer that says it is durable. The index is not in it: what is stored is indexed
 * in the next pause.
 */
export const uploadAnswered: Row = {
  name: "upload-answered",
  title: "Upload answered, per session",
  baseline: "SHA-256, gzip -6, write and fsync alone, in one process",
  remark:
    "The baseline deflates (5 ms of a core for 0.45 MB) and syncs one file. What memory-sync sends is deflated already, in the chunks of the archive: the server inflates each twice to check it (2 ms of a core, in the thread pool) and keeps it. What comes as it is must be deflated here: two chunks at a time, but a session of the usual size has only two or three. Around that every upload takes the bytes from HTTP (2 ms and more, with the way between two processes), hashes them and learns the facts (0.7 ms), looks for what was changed by hand before and after (0.6 ms), and syncs two files at once and then their folder (0.3 ms here). Checking the next chunk while one is used saved 5 % of a long session and nothing of a usual one. The facts could go unsynced, as they are made anew where a crash took them; that saved nothing, because both are synced at the same time. Indexing at once made it a quarter to three quarters longer; it waits for a pause now.",
  async run(bench) {
    await bench.quiet();
    await using folder = await bench.scratch();
    await using server = await MemoryServer.start(join(folder.path, "root"));
    const workspace = await server.register({ machine: "bench", tool: "codex", project: "uploads" });
    const writers = new Writers();
    const raws = Array.from({ length: SESSIONS }, (_, index) => generatedSession(FIRST + index, writers).raw);
    const ours = {
      "sent compressed, as memory-sync does": uploadTrial(server, workspace, raws, uploadBody),
      "sent as it is": uploadTrial(server, workspace, raws, (raw) => plainBody(raw, "identity")),
      [BY_OTHERS]: uploadTrial(server, workspace, raws, (raw) => plainBody(raw, "gzip")),
    };
    const turns = { rounds: bench.sizes.rounds.slow, warmUp: 2 };
    const comparisons = await interleave(ours, storeTrial(raws, folder.path), turns);
    return comparisons.map((each) => findingOf(each, "ms", each.label === BY_OTHERS ? undefined : GATE));
  },
};

/** Milliseconds per session; they are made ready before the clock runs. */
function uploadTrial(
  server: MemoryServer,
  { id, headers }: WritableWorkspace,
  raws: readonly Buffer[],
  bodyOf: (raw: Buffer) => UploadBody | Promise<UploadBody>,
): Trial {
  const client = new HttpClient(server.url, headers);
  return async () => {
    const ready: { path: string; body: UploadBody }[] = [];
    for (const raw of raws) {
      const sessionId = randomUUID();
      const path = `/api/v1/workspaces/${id}/sessions/${sessionId}`;
      ready.push({ path, body: await bodyOf(unlikeOthers(raw, sessionId)) });
    }
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
