import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LIMITS } from "../../contract/limits.ts";
import { chunkRows, contentFields, contentOf, factsText } from "../../server/sessions/facts.ts";
import { archiveAt, type SessionFacts } from "../../server/sessions/session.ts";
import { archiveSegments } from "../../server/storage/layout.ts";
import { archivePlace, ARCHIVE_SUFFIX, FACTS_SUFFIX } from "../../server/storage/layout.ts";
import { countLineFeeds } from "../../server/storage/line-feeds.ts";
import { encodeEnd, encodeHeader, SeekableDeflate, type Chunk } from "../../server/storage/seekable-gzip.ts";

/** A transcript and where it is to be archived. */
export interface Archived {
  root: string;
  workspaceId: string;
  sessionId: string;
  raw: Buffer;
}

/**
 * Archives a transcript in a MEMORY_ROOT that no server uses, as an upload would, byte for byte, but without making it
 * durable: what a crash leaves of a corpus is thrown away. Gives the archive's size in bytes.
 */
export async function writeArchiveFile({ root, workspaceId, sessionId, raw }: Archived): Promise<number> {
  const content = await contentOf(wholeOf(raw));
  const { file, chunks } = await seekableGzip(raw);
  const fields = contentFields(content, new Date(0));
  const place = archivePlace(new Date(fields.started), sessionId, 1);
  const facts: SessionFacts = {
    session_id: sessionId,
    revision: 1,
    ...fields,
    gzip_bytes: file.length,
    archive: archiveAt(place),
    chunks: chunkRows(chunks),
    stored_at: fields.ended,
  };
  const folder = join(root, ...archiveSegments(workspaceId, place.folders.join("/")));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${place.base}${ARCHIVE_SUFFIX}`), file);
  await writeFile(join(folder, `${place.base}${FACTS_SUFFIX}`), factsText(facts));
  return file.length;
}

async function* wholeOf(data: Buffer) {
  yield { firstLine: 1, firstByte: 0, lines: countLineFeeds(data), data };
}

async function seekableGzip(raw: Buffer): Promise<{ file: Buffer; chunks: Chunk[] }> {
  const parts: Buffer[] = [];
  const keep = async (part: Buffer): Promise<void> => void parts.push(part);
  const deflate = new SeekableDeflate(keep, { chunkBytes: LIMITS.sessions.chunkBytes });
  await deflate.add(raw);
  const { header, chunks } = encodeHeader(await deflate.finish());
  return { file: Buffer.concat([header, ...parts, encodeEnd(chunks)]), chunks };
}
