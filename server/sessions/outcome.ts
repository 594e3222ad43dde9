import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { Received } from "./intake.ts";
import type { StoredSession } from "./session.ts";
import type { WorkspaceSessions } from "./workspace-sessions.ts";

/** What an upload changes. */
export type Outcome =
  | { kind: "unchanged"; session: StoredSession }
  | { kind: "appended"; session: StoredSession }
  | { kind: "created" | "revision"; revision: number; sameAs: StoredSession | undefined };

interface Before {
  sessions: WorkspaceSessions;
  /** Only a tail of the newest revision was received. */
  appends: boolean;
}

/**
 * What becomes of a received transcript: bytes that are stored already change nothing, stored bytes at its beginning
 * are appended to, and anything else is a new session or a new revision, which names equal content of another session
 * instead of storing it twice. Nothing is ever overwritten.
 */
export function outcomeOf(
  sessionId: string,
  received: Pick<Received, "sha256" | "bytes" | "prefixSha256">,
  { sessions, appends }: Before,
): Outcome {
  const revisions = sessions.revisions(sessionId);
  const [current] = revisions;
  const same = revisions.find((session) => hasBytes(session, received.sha256));
  if (same !== undefined) return { kind: "unchanged", session: same };
  if (
    current !== undefined &&
    (appends || received.prefixSha256 === current.facts.sha256) &&
    current.damaged === undefined
  )
    return { kind: "appended", session: current };
  const revision = (current?.facts.revision ?? 0) + 1;
  if (revision > LIMITS.sessions.revisions)
    throw new AppError("too_large", `The session has ${LIMITS.sessions.revisions} revisions already`);
  const sameAs = sessions.withDigest(received.sha256).find(({ damaged }) => damaged === undefined);
  return { kind: current === undefined ? "created" : "revision", revision, sameAs };
}

/** The session whose stored bytes stand for the received ones, so that these are not stored. */
export function standInOf(outcome: Outcome): StoredSession | undefined {
  if (outcome.kind === "unchanged") return outcome.session;
  return outcome.kind === "appended" ? undefined : outcome.sameAs;
}

function hasBytes({ facts, damaged }: StoredSession, sha256: string): boolean {
  return damaged === undefined && facts.sha256 === sha256;
}
