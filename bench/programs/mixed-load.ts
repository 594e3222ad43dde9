import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { workspaceIdOf } from "../../contract/names.ts";
import { LAYOUT } from "../../server/storage/layout.ts";
import type { LongSession } from "../corpora.ts";
import { KNOWLEDGE_NEEDLES, SESSION_NEEDLES, UNINDEXABLE } from "../generate/needles.ts";
import { HttpClient } from "./http-client.ts";
import { bearer, type MemoryServer } from "./memory-server.ts";
import { searchPath } from "./search-trial.ts";
import { tailBody, unlikeOthers, upload, uploadBody } from "./upload.ts";

/** Times that each client asks for everything. */
const ROUNDS = 4;
/** Of the session that is uploaded, before the rest of it is appended. */
const FIRST_SHARE = 0.99;
const LINE_FEED = 0x0a;
/** Where the load writes: nothing else of a corpus changes. */
const GUEST = { machine: "bench", tool: "codex", project: "load" } as const;

/** What is asked for and sent. */
export interface Load {
  /** Read by pages. */
  session: LongSession;
  /** A transcript that is uploaded and then appended to. */
  raw: Buffer;
}

/** Two clients ask for everything there is, again and again, in every mode; a third uploads a session and lets it grow. */
export async function mixedLoad(server: MemoryServer, { session, raw }: Load): Promise<void> {
  const paths = Array.from({ length: ROUNDS }, (_, round) => pathsOf(session, round)).flat();
  await Promise.all([asking(server, paths), asking(server, paths.toReversed()), growing(server, raw)]);
}

/** Takes away what a load wrote into a MEMORY_ROOT, also one that was cut short. Only while no server uses it. */
export async function removeLoad(root: string): Promise<void> {
  await rm(join(root, LAYOUT.workspaces, workspaceIdOf(GUEST)), { recursive: true, force: true });
}

async function asking(server: MemoryServer, paths: readonly string[]): Promise<void> {
  // A token may ask only so often in a minute.
  using client = new HttpClient(server.url, bearer(await server.newAiToken("bench")));
  for (const path of paths) await client.send({ path });
}

async function growing(server: MemoryServer, shared: Buffer): Promise<void> {
  const { id, headers } = await server.register(GUEST);
  using client = new HttpClient(server.url, headers);
  const sessionId = randomUUID();
  const raw = unlikeOthers(shared, sessionId);
  const offset = raw.indexOf(LINE_FEED, Math.floor(raw.length * FIRST_SHARE)) + 1;
  const path = `/api/v1/workspaces/${id}/sessions/${sessionId}`;
  await upload(client, path, await uploadBody(raw.subarray(0, offset)));
  await upload(client, path, await tailBody(raw, offset));
}

function pathsOf({ workspaceId, sessionId, lines }: LongSession, round: number): string[] {
  const from = Math.floor((lines * (round + 1)) / (ROUNDS + 1));
  return [
    ...searchPaths(),
    `/api/v1/workspaces/${workspaceId}/sessions/${sessionId}/lines?from_line=${from}`,
    "/api/v1/workspaces",
    "/api/v1/sessions",
  ];
}

function searchPaths(): string[] {
  const words = [
    ...Object.values(KNOWLEDGE_NEEDLES).map(({ query }) => ({ kind: "knowledge", query }) as const),
    ...Object.values(SESSION_NEEDLES).map(({ query }) => ({ kind: "sessions", query }) as const),
  ];
  const expressions = (["knowledge", "sessions"] as const).flatMap((kind) =>
    ["(dead|time)(line|out)s?", UNINDEXABLE].map((query) => ({ kind, mode: "regex", query }) as const),
  );
  return [
    ...words.flatMap((word) => (["literal", "ranked"] as const).map((mode) => ({ ...word, mode }))),
    ...expressions,
  ].map(searchPath);
}
