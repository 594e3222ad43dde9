import type { Manifest } from "../../contract/manifest.ts";
import { findTranscripts, type Transcript } from "../archive/find.ts";
import { transcriptPlaces, type TranscriptPlaces } from "../archive/places.ts";
import type { Environment } from "../home/home.ts";
import { trackedFiles, type TrackedFile } from "../manifest/tracked-files.ts";
import type { Problem } from "./report.ts";
import type { SyncState } from "./state.ts";

/** The knowledge files of all manifests, with what is wrong about any of them. */
export async function allTrackedFiles(
  manifests: readonly Manifest[],
  environment: Environment,
): Promise<{ files: TrackedFile[]; problems: Problem[]; notes: string[] }> {
  const files: TrackedFile[] = [];
  const problems: Problem[] = [];
  const notes: string[] = [];
  for (const manifest of manifests) {
    const found = await trackedFiles(manifest, environment.userHome);
    files.push(...found.files);
    problems.push(...found.faults);
    notes.push(...found.missing.map((path) => `${path} is not there; the server keeps what it has of it`));
  }
  return { files, problems, notes };
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
    this.#found ??= this.#find(this.#places());
    return this.#found;
  }

  /** The transcript a job names by its path; also when the client moved, packed or copied it since. */
  async at(path: string): Promise<Transcript | undefined> {
    const places = placesAround(path) ?? this.#places();
    const here = this.#places();
    const isHere = places.claude === here.claude || places.codex === here.codex;
    const found = isHere ? await this.all() : await this.#find(places);
    const sessionId = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=\.jsonl)/.exec(path)?.[0];
    return (
      found.find((transcript) => transcript.path === path) ??
      found.find((transcript) => transcript.sessionId === sessionId)
    );
  }

  #places(): TranscriptPlaces {
    return transcriptPlaces(this.#environment.env, this.#environment.userHome);
  }

  async #find(places: TranscriptPlaces): Promise<Transcript[]> {
    const found: Transcript[] = [];
    const options = {
      known: (path: string, sizeBytes: number, mtimeMs: number) =>
        this.#state.knownTranscript(path, sizeBytes, mtimeMs),
      skipped: ({ path, reason }: { path: string; reason: string }) => void this.#notes.push(`${path}: ${reason}`),
    };
    for await (const transcript of findTranscripts(places, options)) found.push(transcript);
    return found.reverse();
  }
}

/** A hook may run in a client that keeps its files elsewhere; its transcript's path tells where. */
function placesAround(path: string): TranscriptPlaces | undefined {
  const unified = path.replaceAll("\\", "/");
  const claude = /^(.+)\/projects\/[^/]+\//.exec(unified)?.[1];
  const codex = /^(.+)\/(?:sessions\/\d{4}\/|archived_sessions\/)/.exec(unified)?.[1];
  if (codex !== undefined) return { claude: NOWHERE, codex };
  return claude === undefined ? undefined : { claude, codex: NOWHERE };
}

/** A folder that does not exist. */
const NOWHERE = "/nonexistent/memory-sync";
