import type { Archive } from "../sessions/session.ts";
import type { IndexKind } from "./database/places.ts";
import type { Report } from "./database/report.ts";

/** A knowledge file or, with the path "", an overview. */
export interface FileName {
  workspaceId: string;
  path: string;
}

/** A session, by its id in its workspace. */
export interface SessionName {
  workspaceId: string;
  sessionId: string;
}

/** What the index holds of a session: its row's id and which bytes, or why not. */
export interface HeldArchive extends SessionName {
  id: number;
  sha256: string;
  lines: number;
  fault: string | undefined;
}

/** An archive to index. `number` is written into the shared cell while the thread works on it. */
export interface ArchiveOrder {
  archive: Archive;
  number: number;
  /** Before what waits already: somebody has just stored it. */
  isUrgent: boolean;
}

/** To the thread that writes the index. */
export type ToWriter =
  /** Somebody wrote or deleted a file; it is settled with a number that is not smaller than `own`. */
  | { type: "file"; file: FileName; own: number }
  | { type: "archive"; order: ArchiveOrder }
  /** Not to be tried: the thread has died of it before. */
  | { type: "refuse"; order: ArchiveOrder; fault: string }
  | { type: "forget"; session: SessionName }
  /** Compare with the disk; these are all workspaces. */
  | { type: "walk"; workspaceIds: readonly string[] }
  /** Throw away what is there and build it anew. */
  | { type: "rebuild"; kinds: readonly IndexKind[] }
  | { type: "report"; number: number }
  | { type: "close" };

/** A file that the index holds as it is on disk, or has no more; or why it cannot. */
export interface SettledFile {
  file: FileName;
  /** The largest number of those who wait for it; 0 for nobody. */
  own: number;
  isFailed: boolean;
}

/** An archive that the index holds, or why it cannot; undefined for one that is gone. */
export interface SettledArchive {
  session: SessionName;
  number: number;
  held: HeldArchive | undefined;
}

/** From the thread that writes the index. What it says is committed. */
export type FromWriter =
  /** Another database is open than before: all that it holds. */
  | { type: "knowledge"; generation: string; ready: readonly string[]; failed: readonly FileName[] }
  | { type: "sessions"; generation: string; archives: readonly HeldArchive[] }
  /** Whether everything of a workspace's knowledge is in the index, but for what is said to be found. */
  | { type: "ready"; workspaceId: string; isReady: boolean }
  /** These are not on disk as they are in the index. */
  | { type: "found"; files: readonly FileName[] }
  | { type: "settled"; files: readonly SettledFile[]; archives: readonly SettledArchive[] }
  /** Whether every folder of a workspace's sessions is watched. */
  | { type: "watched"; workspaceId: string; isWatched: boolean }
  /** Something happened in the folders of a workspace's sessions: to the archives of these, or perhaps to all. */
  | { type: "touched"; workspaceId: string; sessionIds: readonly string[] | undefined }
  /** All workspaces were compared; `isWatched`: all their folders are watched. */
  | { type: "walked"; isWatched: boolean }
  | { type: "log"; level: "info" | "warn"; text: string }
  | { type: "report"; number: number; report: WriterReport };

/** What the writing thread says of its work. */
export interface WriterReport {
  /** It compares, or documents wait. */
  isBusy: boolean;
  /** What keeps it from writing, such as a full disk; then nothing else is known. */
  problem: string | undefined;
  /** Knowledge files that wait. */
  pending: number;
  /** For how long the one that has waited longest waits; undefined when none does. */
  oldestPendingMs: number | undefined;
  knowledge: Report;
  sessions: Report;
  watching: { folders: number; complete: boolean };
}
