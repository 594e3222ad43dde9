import { mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import type { Manifest } from "../contract/manifest.ts";
import { findTranscripts } from "../client/archive/find.ts";
import { transcriptPlaces } from "../client/archive/places.ts";
import { environmentOf } from "../client/home/home.ts";
import { trackedFiles } from "../client/manifest/tracked-files.ts";
import { SyncState } from "../client/sync/state.ts";
import { sha256 } from "../disk/digest.ts";
import { cached } from "./cache.ts";
import { knowledgeFile } from "./generate/knowledge-file.ts";
import { randomOf } from "./generate/random.ts";
import { momentAt } from "./generate/workspaces.ts";
import { Writers } from "./generate/writer.ts";

/** Where no server is: a sync that has nothing to send asks none. */
export const SYNC_URL = "http://127.0.0.1:9";

const FILES_PER_FOLDER = 50;
/** Long before any sync. */
const WRITTEN = momentAt(0);

const MANIFEST: Manifest = {
  workspace_id: "bench-claude-code-notes",
  machine: "bench",
  tool: "claude-code",
  project: "notes",
  tracked: [],
  tracked_dirs: [{ local: "~/notes", upload_prefix: "", glob: "**/*.md" }],
};

/**
 * The home folder of somebody with so many files, half of them tracked notes and half transcripts, all of which the server
 * is known to hold. Gives its path.
 */
export async function syncHome(name: string, files: number): Promise<string> {
  const plan = { files };
  const { folder } = await cached({
    name,
    plan,
    make: (making) => makeHome(join(making, "home"), files),
    parse: (kept) => z.object({}).parse(kept),
  });
  const home = join(folder, "home");
  await rememberAll(home);
  return home;
}

async function makeHome(home: string, files: number): Promise<object> {
  const writers = new Writers();
  const random = randomOf(files);
  for (let index = 0; index < files / 2; index += 1) {
    const group = String(Math.floor(index / FILES_PER_FOLDER)).padStart(3, "0");
    const { text } = knowledgeFile(index, writers);
    await write(join(home, "notes", group, `note-${index}.md`), text);
    await write(
      join(home, ".claude/projects", `-home-dev-${group}`, `${random.uuid()}.jsonl`),
      lineOf(random.uuid()),
    );
  }
  await write(
    join(home, ".memory-sync/manifests", `${MANIFEST.workspace_id}.json`),
    JSON.stringify(MANIFEST),
  );
  return {};
}

function lineOf(sessionId: string): string {
  const said = {
    type: "user",
    sessionId,
    cwd: "/home/dev/notes",
    message: { role: "user", content: "hello" },
  };
  return `${JSON.stringify(said)}\n`;
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  await utimes(file, WRITTEN, WRITTEN);
}

/** What a sync that sent everything leaves behind, by the client's own code. */
async function rememberAll(userHome: string): Promise<void> {
  const { home } = environmentOf({ MEMORY_SYNC_HOME: join(userHome, ".memory-sync") });
  const state = await SyncState.open(home, SYNC_URL);
  const { files } = await trackedFiles(MANIFEST, userHome);
  for (const file of files) state.rememberKnowledge(file, sha256(await readFile(file.path)), Date.now());
  for await (const transcript of findTranscripts(transcriptPlaces({}, userHome)))
    state.rememberSession(transcript, sha256(await readFile(transcript.path)), Date.now());
  await state.save();
}
