import { stat } from "node:fs/promises";
import type { Manifest } from "../../contract/manifest.ts";
import { isErrno } from "../../disk/errno.ts";
import { findTranscripts, transcriptAt, type Transcript } from "../archive/find.ts";
import { transcriptPlaces } from "../archive/places.ts";
import type { Environment } from "../home/home.ts";
import { trackedFiles, type IsStored, type TrackedFile } from "../manifest/tracked-files.ts";
import type { Problem } from "./report.ts";
import { knowledgeKey, type SyncState } from "./state.ts";

/** The knowledge files of all manifests, with what is wrong about any of them. */
export async function allTrackedFiles(
  manifests: readonly Manifest[],
  environment: Environment,
  state: SyncState,
): Promise<{ files: TrackedFile[]; problems: Problem[]; notes: string[] }> {
  const isStored: IsStored = (file) => state.knowledge.has(knowledgeKey(file));
  const files: TrackedFile[] = [];
  const problems: Problem[] = [];
  const missing = new Map<string, string[]>();
  for (const manifest of manifests) {
    const found = await trackedFiles(manifest, environment.userHome, isStored);
    files.push(...found.files);
    problems.push(...found.faults);
    for (const path of found.missing)
      missing.set(path, [...(missing.get(path) ?? []), manifest.workspace_id]);
  }
  return { files, problems, notes: [...missing].map(noteOf) };
}

/** One note for a file, however many manifests name it. */
function noteOf([path, workspaceIds]: [string, string[]]): string {
  return `${path} is not there; what the server has of it stays (${workspaceIds.join(", ")})`;
}

/** The transcripts of this machine, looked for once and only when somebody asks. */
export class Transcripts {
  readonly #environment: Environment;
  readonly #state: SyncState;
  readonly #notes: string[];
  #found: Promise<Transcript[]> | undefined;

  constructor(options: { environment: Environment; state: SyncState; notes: string[] }) {
    this.#environment = options.environment;
    this.#state = options.state;
    this.#notes = options.notes;
  }

  /** All of them, oldest first: those are the next ones that their client deletes. */
  async all(): Promise<Transcript[]> {
    this.#found ??= this.#find();
    return this.#found;
  }

  /**
   * The transcript a job names by its path, also when its client moved or packed it since. Undefined when it is gone;
   * throws `not_found` when the file is no transcript.
   */
  async at(path: string): Promise<Transcript | undefined> {
    if (await exists(path)) return transcriptAt(path);
    const sessionId = UUID_OF_FILE.exec(path)?.[0];
    return (await this.all()).find((transcript) => transcript.sessionId === sessionId);
  }

  async #find(): Promise<Transcript[]> {
    const found: Transcript[] = [];
    const places = transcriptPlaces(this.#environment.env, this.#environment.userHome);
    const options = {
      known: (path: string, sizeBytes: number, mtimeMs: number) =>
        this.#state.knownTranscript(path, sizeBytes, mtimeMs),
      skipped: ({ path, reason }: { path: string; reason: string }) =>
        void this.#notes.push(`${path}: ${reason}`),
    };
    for await (const transcript of findTranscripts(places, options)) found.push(transcript);
    return found.reverse();
  }
}

const UUID_OF_FILE = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=\.jsonl)/;

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return false;
    throw error;
  }
}
