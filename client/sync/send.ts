import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { readWhole } from "../../disk/atomic-file.ts";
import { sha256 } from "../../disk/digest.ts";
import type { Counts } from "../../contract/redaction/redact.ts";
import { openTranscript, type OpenTranscript } from "../archive/content.ts";
import type { Transcript } from "../archive/find.ts";
import type { TrackedFile } from "../manifest/tracked-files.ts";
import type { Redactor } from "../redact/redactor.ts";
import { RemoteError } from "../remote/remote-error.ts";
import type { Feeder, StoredSession } from "../remote/feeder.ts";
import type { KnownFile } from "./state.ts";
import type { OwnWorkspace } from "./workspaces.ts";

/** What became of one file. */
export interface Sent {
  status: "created" | "updated" | "appended" | "revision" | "unchanged";
  /** Digest of the bytes the server now holds. */
  sha256: string;
  /** How often each rule met in it; undefined where nothing was redacted on purpose. */
  redacted?: Counts | undefined;
  /** The last line is not sent yet, for it is not whole. */
  leftOut?: boolean;
}

/** What may be known and wanted of a file before it is sent. */
export interface SendChoices {
  /** What the server is believed to hold; equal bytes are then not sent. */
  known?: KnownFile | undefined;
  /** Takes secrets out first; sizes and digests are then of what is left. */
  redactor?: Redactor | undefined;
  /** Told how much of a transcript was read to be sent, from 0 to 1; less again where it begins anew. */
  onShare?: ((share: number) => void) | undefined;
}

/** Brings one knowledge file to the server, unless its bytes are known to be there. */
export async function sendKnowledge(
  feeder: Feeder,
  workspace: () => Promise<OwnWorkspace>,
  file: TrackedFile,
  { known, redactor }: SendChoices,
): Promise<Sent> {
  const original = await readKnowledgeFile(file.path);
  const { content, counts } = redactor?.document(original) ?? { content: original, counts: undefined };
  const digest = sha256(content);
  if (known?.sha256 === digest) return { status: "unchanged", sha256: digest };
  const { workspaceId, writeToken } = await workspace();
  const { status } = await feeder.putKnowledge(workspaceId, file.upload, content, writeToken);
  return { status, sha256: digest, redacted: counts };
}

/**
 * Brings one transcript to the server: nothing when it is there, the tail when the server holds the beginning, else
 * all of it. What the client appends while this runs is left for the next time.
 */
export async function sendSession(
  feeder: Feeder,
  workspace: () => Promise<OwnWorkspace>,
  transcript: Transcript,
  { known, redactor, onShare }: SendChoices,
): Promise<Sent> {
  await using content = await openTranscript(transcript, { redactor });
  const { counts: redacted, leftOut = false } = content.redacted ?? {};
  const sent = await sendContent(feeder, workspace, { transcript, content, known, onShare });
  return { ...sent, redacted, leftOut };
}

async function sendContent(
  feeder: Feeder,
  workspace: () => Promise<OwnWorkspace>,
  {
    transcript,
    content,
    known,
    onShare,
  }: { transcript: Transcript; content: OpenTranscript } & Pick<SendChoices, "known" | "onShare">,
): Promise<Sent> {
  if (known !== undefined && known.sha256 === (await digestsOf(content, undefined)).whole)
    return { status: "unchanged", sha256: known.sha256 };
  // Of a session that has only begun its first line there is nothing to send yet.
  if (content.redacted?.leftOut === true && content.sizeBytes === 0)
    return { status: "unchanged", sha256: sha256(Buffer.alloc(0)) };
  const { workspaceId, writeToken } = await workspace();
  const stored = await feeder.headSession(workspaceId, transcript.sessionId);
  const digests = await digestsOf(content, stored?.bytes);
  const delivery = deliveryFor(stored, { sizeBytes: content.sizeBytes, ...digests });
  if (delivery.how === "nothing") return { status: "unchanged", sha256: digests.whole };
  const body = (fromByte: number) => ({
    writeToken,
    sha256: digests.whole,
    read: () => readTelling(content, fromByte, onShare),
  });
  if (delivery.how === "tail") {
    try {
      const written = await feeder.appendSession(
        workspaceId,
        transcript.sessionId,
        delivery.fromByte,
        body(delivery.fromByte),
      );
      return { status: written.status, sha256: digests.whole };
    } catch (error) {
      // Somebody else appended meanwhile: the whole transcript settles it.
      if (!(error instanceof RemoteError && error.status === 409)) throw error;
    }
  }
  const written = await feeder.putSession(workspaceId, transcript.sessionId, body(0));
  return { status: written.status, sha256: digests.whole };
}

async function* readTelling(
  content: OpenTranscript,
  fromByte: number,
  onShare: SendChoices["onShare"],
): AsyncGenerator<Buffer> {
  let position = fromByte;
  for await (const chunk of content.read(fromByte)) {
    yield chunk;
    position += chunk.length;
    onShare?.(position / content.sizeBytes);
  }
}

/** Digests of a transcript: of all of it, and of its beginning when a length was asked for and there is as much. */
export interface TranscriptDigests {
  whole: string;
  beginning: string | undefined;
}

export type Delivery = { how: "nothing" } | { how: "tail"; fromByte: number } | { how: "whole" };

/** How to bring the server from what it holds to what is here. Pure. */
export function deliveryFor(
  stored: Pick<StoredSession, "bytes" | "sha256"> | undefined,
  local: TranscriptDigests & { sizeBytes: number },
): Delivery {
  if (stored === undefined) return { how: "whole" };
  if (stored.sha256 === local.whole) return { how: "nothing" };
  const isBeginning = stored.bytes > 0 && stored.bytes < local.sizeBytes && stored.sha256 === local.beginning;
  return isBeginning ? { how: "tail", fromByte: stored.bytes } : { how: "whole" };
}

async function digestsOf(
  content: OpenTranscript,
  beginningBytes: number | undefined,
): Promise<TranscriptDigests> {
  const hash = createHash("sha256");
  let beginning: string | undefined;
  let position = 0;
  for await (const chunk of content.read()) {
    const cut = (beginningBytes ?? -1) - position;
    if (cut > 0 && cut <= chunk.length) {
      hash.update(chunk.subarray(0, cut));
      beginning = hash.copy().digest("hex");
      hash.update(chunk.subarray(cut));
    } else hash.update(chunk);
    position += chunk.length;
  }
  return { whole: hash.digest("hex"), beginning };
}

async function readKnowledgeFile(path: string): Promise<Buffer> {
  const handle = await open(path, "r");
  try {
    const content = await readWhole(handle, LIMITS.knowledge.fileBytes);
    if (content !== undefined) return content;
    throw new AppError("too_large", `A knowledge file may have ${LIMITS.knowledge.fileBytes} bytes`);
  } finally {
    await handle.close();
  }
}
