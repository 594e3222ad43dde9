import type { SessionWritten } from "../../contract/wire.ts";
import { TempFile } from "../../disk/atomic-file.ts";
import type { Folder } from "../../disk/folder.ts";
import { archivePlace, ARCHIVE_SUFFIX, FACTS_SUFFIX } from "../storage/layout.ts";
import { encodeEnd, encodeHeader } from "../storage/seekable-gzip.ts";
import type { SessionCatalog } from "./catalog.ts";
import { chunkRows, contentFields, factsText } from "./facts.ts";
import type { Growth } from "./growth.ts";
import type { Received } from "./intake.ts";
import type { Outcome } from "./outcome.ts";
import { archiveAt, stored, type Place, type SessionFacts, type StoredSession } from "./session.ts";
import { readRange, type Spool } from "./spool.ts";

const PIECE_BYTES = 256 * 1024;

/** A received transcript and what is to become of it. */
export interface WriteJob {
  workspaceId: string;
  sessionId: string;
  received: Received;
  outcome: Outcome;
  /** The deflated bytes that are new. */
  spool: Spool;
  /** Holds the deflated bytes that are kept. */
  growth: Growth | undefined;
  /** The workspace's `sessions/`: files are written here and renamed into their month when they are complete. */
  folder: Folder;
}

/** Stores a received transcript. Durable when it returns; a crash before leaves things as they were. */
export async function writeSession(
  job: WriteJob,
  catalog: SessionCatalog,
  now: Date,
): Promise<SessionWritten> {
  const { outcome } = job;
  if (outcome.kind === "unchanged") return written(outcome.session.facts, "unchanged");
  const facts = factsOf(job, now);
  const place = placeOf(job, facts);
  if (outcome.kind !== "appended" && outcome.sameAs !== undefined) {
    const { archive, session_id: sameAs } = outcome.sameAs.facts;
    const alias = { ...facts, archive };
    await publish(job, catalog, { place, facts: alias });
    return written(alias, outcome.kind, sameAs);
  }
  await using archive = await TempFile.create(job.folder);
  const file = await writeArchive(archive, job);
  await publish(job, catalog, { place, facts: { ...facts, ...file, archive: archiveAt(place) }, archive });
  return written(facts, outcome.kind);
}

/** Writes all of it; whoever publishes it makes it durable. */
async function writeArchive(
  archive: TempFile,
  { received, growth, spool }: WriteJob,
): Promise<Pick<SessionFacts, "gzip_bytes" | "chunks">> {
  const { header, chunks } = encodeHeader(received.chunks);
  const kept = growth === undefined ? [] : keptPieces(growth);
  let gzipBytes = 0;
  for await (const data of joined([[header], kept, spool.pieces(), [encodeEnd(chunks)]])) {
    gzipBytes += data.length;
    await archive.write(data);
  }
  return { gzip_bytes: gzipBytes, chunks: chunkRows(chunks) };
}

/** The same bytes in few pieces: every write is a trip to the disk's thread. */
async function* joined(
  sources: readonly (Iterable<Buffer> | AsyncIterable<Buffer>)[],
): AsyncGenerator<Buffer, void, undefined> {
  let [pending, bytes]: [Buffer[], number] = [[], 0];
  for (const source of sources)
    for await (const piece of source) {
      pending.push(piece);
      bytes += piece.length;
      if (bytes < PIECE_BYTES) continue;
      yield Buffer.concat(pending);
      [pending, bytes] = [[], 0];
    }
  yield Buffer.concat(pending);
}

async function* keptPieces({ handle, keptChunks }: Growth): AsyncGenerator<Buffer, void, undefined> {
  const from = keptChunks[0]?.offset ?? 0;
  yield* readRange(handle, { from, to: keptChunks.reduce((to, chunk) => to + chunk.deflatedBytes, from) });
}

/** Both files are complete and synced before either gets its name, and their folder is synced before anybody relies on them. */
async function publish(
  { workspaceId, folder }: WriteJob,
  catalog: SessionCatalog,
  { place, facts, archive }: { place: Place; facts: SessionFacts; archive?: TempFile },
): Promise<void> {
  await using factsFile = await TempFile.create(folder);
  await factsFile.write(Buffer.from(factsText(facts)));
  // Together: a disk that is asked for both at once takes little longer than for one.
  await settledAll([factsFile.finish(), ...(archive === undefined ? [] : [archive.finish()])]);
  await using month = await folder.make(...place.folders);
  await catalog.publish(stored(workspaceId, place, facts), month, async () => {
    await archive?.moveTo(`${place.base}${ARCHIVE_SUFFIX}`, month);
    await factsFile.moveTo(`${place.base}${FACTS_SUFFIX}`, month);
    await month.sync();
  });
}

/** Waits until all have ended; then throws what the first one that failed did. */
async function settledAll(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
}

/** A session that grows keeps its place, even if its start is known only now. */
function placeOf({ sessionId, outcome }: WriteJob, { started, revision }: SessionFacts): Place {
  return outcome.kind === "appended"
    ? outcome.session.place
    : archivePlace(new Date(started), sessionId, revision);
}

function factsOf({ sessionId, received, outcome }: WriteJob, now: Date): SessionFacts {
  return {
    session_id: sessionId,
    revision: "revision" in outcome ? outcome.revision : outcome.session.facts.revision,
    ...contentFields(received, now),
    gzip_bytes: 0,
    archive: "",
    chunks: [],
    stored_at: now.toISOString(),
  };
}

function written(
  { session_id, sha256, bytes, lines, revision }: StoredSession["facts"],
  status: SessionWritten["status"],
  sameAs?: string,
): SessionWritten {
  return {
    status,
    session_id,
    sha256,
    bytes,
    lines,
    revision,
    ...(sameAs !== undefined && { same_as: sameAs }),
  };
}
