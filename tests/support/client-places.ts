import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { TranscriptPlaces } from "../../client/archive/places.ts";
import { tempFolder } from "./temp-folder.ts";

export const TRANSCRIPTS = join(import.meta.dirname, "../fixtures/transcripts");

/** A person's home folder with empty places of both clients; removes itself. */
export interface ClientHome extends AsyncDisposable {
  readonly path: string;
  readonly places: TranscriptPlaces;
  /** Writes a file below the home folder, with its folders; gives its path. */
  write(path: string, content: string | Uint8Array): Promise<string>;
}

export async function clientHome(): Promise<ClientHome> {
  const folder = await tempFolder();
  return {
    path: folder.path,
    places: { claude: join(folder.path, ".claude"), codex: join(folder.path, ".codex") },
    async write(path, content) {
      const target = join(folder.path, path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, content);
      return target;
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** Copies recorded transcripts of a client into a place, the gzipped ones unpacked: `claude/projects`, `codex/sessions` … */
export async function installTranscripts(recorded: string, target: string): Promise<void> {
  await cp(join(TRANSCRIPTS, recorded), target, { recursive: true, preserveTimestamps: true });
  for (const entry of await readdir(target, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".jsonl.gz")) continue;
    const path = join(entry.parentPath, entry.name);
    await writeFile(path.slice(0, -".gz".length), gunzipSync(await readFile(path)));
    await rm(path);
  }
}
