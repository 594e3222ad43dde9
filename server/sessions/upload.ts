import { AppError } from "../../contract/errors.ts";
import { SessionId } from "../../contract/ids.ts";
import type { SessionWritten } from "../../contract/wire.ts";
import { sha256 } from "../../disk/digest.ts";
import { Folder } from "../../disk/folder.ts";
import { LAYOUT } from "../storage/layout.ts";
import { KeyedMutex } from "../storage/mutex.ts";
import type { WriteGuard } from "../storage/write-guard.ts";
import type { SessionCatalog } from "./catalog.ts";
import { isDamage, openGrowth, restOf, type Growth } from "./growth.ts";
import { HashMemory } from "./hash-memory.ts";
import { Intake, type Received } from "./intake.ts";
import { outcomeOf, standInOf, type Outcome } from "./outcome.ts";
import { archiveAt, type SessionUpload, type StoredSession } from "./session.ts";
import { readSource, type UploadLimits } from "./source.ts";
import { Spool } from "./spool.ts";
import { writeSession } from "./write.ts";

interface SessionUploadsOptions {
  root: string;
  guard: WriteGuard;
  catalog: SessionCatalog;
  now: () => Date;
  limits: UploadLimits;
}

/** Receives transcripts and stores them. One upload per session at a time. */
export class SessionUploads {
  readonly #root: string;
  readonly #guard: WriteGuard;
  readonly #catalog: SessionCatalog;
  readonly #now: () => Date;
  readonly #limits: UploadLimits;
  readonly #locks = new KeyedMutex();
  readonly #hashes = new HashMemory();

  constructor({ root, guard, catalog, now, limits }: SessionUploadsOptions) {
    this.#root = root;
    this.#guard = guard;
    this.#catalog = catalog;
    this.#now = now;
    this.#limits = limits;
  }

  /** Durable when it returns: the archive and its facts are synced, and so is the folder that names them. */
  async upload(workspaceId: string, upload: SessionUpload): Promise<SessionWritten> {
    if (!SessionId.safeParse(upload.sessionId).success)
      throw new AppError("invalid_input", "session_id: letters, digits, '.', '_' and '-' only, at most 128");
    // Ids that differ only in case exclude each other too, so that one of them is refused.
    return this.#locks.run(
      `${workspaceId}/${upload.sessionId.toLowerCase()}`,
      () => this.#store(workspaceId, upload),
      upload.signal,
    );
  }

  async #store(workspaceId: string, upload: SessionUpload): Promise<SessionWritten> {
    const sessions = await this.#catalog.sessions(workspaceId);
    const twin = sessions.twinOf(upload.sessionId);
    if (twin !== undefined)
      throw new AppError("conflict", `The session id differs only in case from "${twin}", which exists`);
    const [current] = sessions.revisions(upload.sessionId);
    assertFollows(upload, current);
    return this.#guard.write(0, async () => {
      await using root = await Folder.open(this.#root);
      await using folder = await root.make(LAYOUT.workspaces, workspaceId, LAYOUT.sessions);
      await using growth = await this.#growthOf(upload, current);
      await using spool = new Spool(folder);
      const received = await this.#receive(upload, { growth, current, spool });
      assertComplete(received, upload, current);
      const outcome = await this.#outcomeOf(workspaceId, upload, { received, growth });
      const job = { workspaceId, sessionId: upload.sessionId, received, outcome, spool, growth, folder };
      return await this.#guard.write(spool.sizeBytes, () => writeSession(job, this.#catalog, this.#now()));
    });
  }

  /** The stored session that a tail belongs to; undefined when the whole transcript comes. */
  async #growthOf(upload: SessionUpload, current: StoredSession | undefined): Promise<Growth | undefined> {
    if (upload.offsetBytes === undefined || current === undefined) return undefined;
    return orSendWhole(openGrowth(this.#root, current, this.#hashes), () => this.#catalog.recheck(current));
  }

  /** What the upload changes. Stored bytes that are to stand for the received ones are read before they do. */
  async #outcomeOf(
    workspaceId: string,
    { sessionId }: SessionUpload,
    { received, growth }: { received: Received; growth: Growth | undefined },
  ): Promise<Outcome> {
    const read = new Set<string>();
    for (;;) {
      const sessions = await this.#catalog.sessions(workspaceId);
      const outcome = outcomeOf(sessionId, received, { sessions, appends: growth !== undefined });
      const standIn = standInOf(outcome);
      // What was received is only a tail then.
      if (growth !== undefined && "revision" in outcome) throw sendWhole();
      if (standIn === undefined || read.has(archiveAt(standIn.place))) return outcome;
      read.add(archiveAt(standIn.place));
      await this.#catalog.recheck(standIn);
    }
  }

  async #receive(
    upload: SessionUpload,
    {
      growth,
      current,
      spool,
    }: { growth: Growth | undefined; current: StoredSession | undefined; spool: Spool },
  ): Promise<Received> {
    const intake = new Intake({
      limits: this.#limits,
      encoding: upload.encoding,
      hashes: this.#hashes,
      spool,
      growth,
      prefixBytes: growth === undefined ? current?.facts.bytes : undefined,
    });
    if (growth !== undefined) await this.#receiveRest(growth, intake);
    await readSource(upload, this.#limits, (raw, deflated) => intake.add(raw, deflated));
    return intake.finish();
  }

  async #receiveRest(growth: Growth, intake: Intake): Promise<void> {
    const receive = async () => {
      for await (const data of restOf(this.#root, growth)) await intake.addStored(data);
    };
    await orSendWhole(receive(), () => this.#catalog.recheck(growth.session));
  }
}

/** What `work` gives. Where stored bytes turn out to be lost, the catalogue is told, and the caller. */
async function orSendWhole<T>(work: Promise<T>, recheck: () => Promise<void>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isDamage(error)) throw error;
    await recheck();
    throw sendWhole(error);
  }
}

/** A tail must begin where the stored bytes end. */
function assertFollows({ offsetBytes }: SessionUpload, current: StoredSession | undefined): void {
  if (offsetBytes === undefined) return;
  if (current?.damaged !== undefined) throw sendWhole();
  if (offsetBytes !== (current?.facts.bytes ?? 0))
    throw new AppError("conflict", "The tail does not begin where the stored transcript ends", {
      hint: "Send what follows the stored bytes, or the whole transcript",
      details: storedDetails(current),
    });
}

function assertComplete(received: Received, upload: SessionUpload, current: StoredSession | undefined): void {
  if (received.bytes === 0)
    throw new AppError("invalid_input", "The transcript is empty; nothing was stored");
  if (upload.sha256 !== undefined && upload.sha256 !== received.sha256) {
    if (upload.offsetBytes === undefined)
      throw new AppError(
        "invalid_input",
        "The transcript's SHA-256 is not the one that was sent with it; nothing was stored",
        {
          hint: "Send it again; something changed it on the way",
        },
      );
    throw new AppError(
      "conflict",
      "The stored transcript and the tail do not make the transcript that was announced",
      {
        hint: "Send the whole transcript",
        details: storedDetails(current),
      },
    );
  }
  if (received.isForeign && upload.offsetBytes === undefined)
    throw new AppError(
      "invalid_input",
      "Not a transcript: it is binary, or nested beyond reason; nothing was stored",
    );
}

/** The stored bytes cannot be read, so nothing can be appended to them; the whole transcript makes up for them. */
function sendWhole(cause?: unknown): AppError {
  return new AppError(
    "conflict",
    "The stored transcript cannot be appended to, because its archive is damaged",
    {
      cause,
      hint: "Send the whole transcript",
      details: storedDetails(undefined),
    },
  );
}

function storedDetails(current: StoredSession | undefined): Record<string, string | number> {
  return { bytes: current?.facts.bytes ?? 0, sha256: current?.facts.sha256 ?? sha256("") };
}
