import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { writeCorpus } from "../../bench/generate/corpus.ts";
import { knowledgeFile } from "../../bench/generate/knowledge-file.ts";
import { holders, KNOWLEDGE_NEEDLES, SESSION_NEEDLES } from "../../bench/generate/needles.ts";
import { generatedSession } from "../../bench/generate/transcript.ts";
import { WORKSPACES } from "../../bench/generate/workspaces.ts";
import { Writers } from "../../bench/generate/writer.ts";
import { workspaceIdOf } from "../../contract/names.ts";
import { pathFault } from "../../contract/path-fault.ts";
import { readTurns } from "../../contract/transcript.ts";
import type { SessionEntry } from "../../contract/wire.ts";
import { sha256 } from "../../disk/digest.ts";
import { SessionStore } from "../../server/sessions/store.ts";
import { WriteGuard } from "../../server/storage/write-guard.ts";
import { WorkspaceRegistry } from "../../server/workspaces/registry.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** Whoever changes what is generated on purpose raises `GENERATOR_VERSION` too, so that no cache keeps the old. */
const DIGESTS = {
  knowledge: "e26e205d5ac6c7ed9a8a8bb55c3ba814ecd57fc78c69f05f02460e295a97f30e",
  sessions: "8c130741e0adb48304668e8652f5e0844197007fff3f6856983b94c9d2a40abe",
};

const FILES = 400;
const SESSIONS = 40;
const writers = new Writers();
const files = Array.from({ length: FILES }, (_, index) => knowledgeFile(index, writers));
const sessions = Array.from({ length: SESSIONS }, (_, index) => generatedSession(index, writers));

describe("the generated knowledge", () => {
  it("is the same in every run and every order", () => {
    const other = new Writers();

    const again = files.map((_, index) => knowledgeFile(FILES - 1 - index, other));

    expect(again.toReversed()).toEqual(files);
    expect(sha256(JSON.stringify(files))).toBe(DIGESTS.knowledge);
  });

  it("lies in paths that the store could have made, each once in its workspace", () => {
    const places = files.map(({ workspace, path }) => JSON.stringify([workspace, path]));

    expect(files.flatMap(({ path }) => pathFault(path) ?? [])).toEqual([]);
    expect(new Set(places).size).toBe(FILES);
  });

  it.each(Object.values(KNOWLEDGE_NEEDLES))("holds as many of $name as planned", (needle) => {
    const holding = files.filter(({ text }) => text.toLowerCase().includes(needle.query));

    expect(holding.length).toBe(holders(needle, FILES));
  });
});

describe("the generated sessions", () => {
  it("are the same in every run and every order", () => {
    const other = new Writers();

    const again = sessions.map((_, index) => generatedSession(SESSIONS - 1 - index, other));

    expect(again.toReversed().map(({ raw }) => sha256(raw))).toEqual(sessions.map(({ raw }) => sha256(raw)));
    expect(sha256(Buffer.concat(sessions.map(({ raw }) => raw)))).toBe(DIGESTS.sessions);
  });

  it("are transcripts of both clients, about two fifths of whose bytes are conversation", () => {
    const raw = sessions.reduce((sum, session) => sum + session.raw.length, 0);
    const said = sessions.flatMap((session) => session.raw.toString("utf8").split("\n").flatMap(readTurns));
    const text = said.reduce((sum, turn) => sum + Buffer.byteLength(turn.text), 0);

    expect(new Set(sessions.map(({ workspace }) => workspace.tool))).toEqual(
      new Set(["claude-code", "codex"]),
    );
    expect(new Set(said.map(({ role }) => role))).toEqual(
      new Set(["user", "assistant", "thinking", "tool_call", "tool_result"]),
    );
    expect(text / raw).toBeGreaterThan(0.3);
    expect(text / raw).toBeLessThan(0.5);
  });

  it("compress as transcripts do: to about a quarter", () => {
    const raw = sessions.reduce((sum, session) => sum + session.raw.length, 0);
    const compressed = sessions.reduce((sum, session) => sum + gzipSync(session.raw).length, 0);

    expect(raw / compressed).toBeGreaterThan(3);
    expect(raw / compressed).toBeLessThan(5);
  });

  it.each(Object.values(SESSION_NEEDLES))("hold $name where it is planted, and nowhere else", (needle) => {
    const words = needle.query.split(" ");

    const holding = sessions.filter(({ raw }) => words.every((word) => raw.includes(word)));

    expect(holding.length).toBe(holders(needle, SESSIONS));
  });

  it("are as long as they are asked to be", () => {
    const { raw } = generatedSession(7, writers, 1_000_000);

    expect(raw.length).toBeGreaterThanOrEqual(1_000_000);
    expect(raw.length).toBeLessThan(1_100_000);
  });
});

it("fills a MEMORY_ROOT as the server itself would have", async () => {
  await using folder = await tempFolder();
  const written = await writeCorpus(folder.path, { knowledgeFiles: 40, archives: 5, longBytes: 300_000 });
  const store = new SessionStore(folder.path, new WriteGuard(folder.path));
  const registry = await WorkspaceRegistry.open(folder.path, new WriteGuard(folder.path));
  const ids = registry.list().map(({ id }) => id);

  const { entries } = await store.list(ids, {});
  const bytes = await Promise.all(entries.map((entry) => bytesOf(store, entry)));

  expect(ids).toEqual(WORKSPACES.map(workspaceIdOf).toSorted());
  expect(entries).toHaveLength(6);
  expect(entries.reduce((sum, entry) => sum + entry.bytes, 0)).toBe(written.rawBytes);
  expect(bytes.map(sha256)).toEqual(entries.map((entry) => entry.sha256));
});

async function bytesOf(store: SessionStore, entry: SessionEntry): Promise<Buffer> {
  const { workspace_id: workspaceId, session_id: sessionId } = entry;
  const bytes = await store.open(workspaceId, sessionId, { gzip: false, mask: false });
  return buffer((await bytes.stream()).stream);
}
