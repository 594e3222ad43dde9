import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Transcript } from "../../client/archive/find.ts";
import { environmentOf } from "../../client/home/home.ts";
import type { TrackedFile } from "../../client/manifest/tracked-files.ts";
import { SyncState } from "../../client/sync/state.ts";
import { tempFolder } from "../support/temp-folder.ts";

const SERVER = "http://127.0.0.1:1";

function fileAt(path: string): TrackedFile {
  return { workspaceId: "a-b-c", path, upload: "notes.md", sizeBytes: 1, mtimeMs: 1 };
}

function transcriptAt(path: string, extra: Partial<Transcript> = {}): Transcript {
  return { path, client: "codex", sessionId: "s", compressed: false, sizeBytes: 1, mtimeMs: 1, ...extra };
}

async function homeFixture() {
  const folder = await tempFolder();
  const { home } = environmentOf({ MEMORY_SYNC_HOME: folder.path });
  return { home, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

describe("the state", () => {
  it("remembers what was learned from a transcript that has not changed", async () => {
    await using fixture = await homeFixture();
    const learned = { parent: "p", cwd: "/gone", repository: "webshop" };
    const state = await SyncState.open(fixture.home, SERVER);
    state.rememberSession(transcriptAt("/t.jsonl", learned), "digest", 5);
    await state.save();

    const again = await SyncState.open(fixture.home, SERVER);

    expect(again.knownTranscript("/t.jsonl", 1, 1)).toEqual({ sessionId: "s", ...learned });
    expect(again.knownTranscript("/t.jsonl", 2, 1)).toBeUndefined();
  });

  it("forgets files and transcripts that are not named any more", async () => {
    await using fixture = await homeFixture();
    const state = await SyncState.open(fixture.home, SERVER);
    for (const path of ["/kept.md", "/gone.md"]) state.rememberKnowledge(fileAt(path), "digest", 5);
    for (const path of ["/kept.jsonl", "/gone.jsonl"]) state.rememberSession(transcriptAt(path), "digest", 5);
    await state.save();

    state.keepKnowledge([fileAt("/kept.md"), fileAt("/new.md")]);
    state.keepSessions([transcriptAt("/kept.jsonl")]);
    await state.save();

    const again = await SyncState.open(fixture.home, SERVER);
    expect([...again.knowledge.keys()]).toEqual([expect.stringMatching(/kept\.md$/)]);
    expect([...again.sessions.keys()]).toEqual(["/kept.jsonl"]);
  });

  it("O4: sets a damaged file aside with its bytes when it is saved, not before", async () => {
    await using fixture = await homeFixture();
    const { home } = fixture;
    const first = await SyncState.open(home, SERVER);
    first.rememberKnowledge(fileAt("/a.md"), "digest", 5);
    await first.save();
    const [name = ""] = await readdir(home.state);
    await writeFile(join(home.state, name), "torn");

    const state = await SyncState.open(home, SERVER);
    const namesBefore = await readdir(home.state);
    state.rememberKnowledge(fileAt("/b.md"), "digest", 5);
    await state.save();

    const aside = (await readdir(home.state)).find((each) => each.includes("damaged")) ?? "";
    expect(namesBefore).toEqual([name]);
    expect(await readFile(join(home.state, aside), "utf8")).toBe("torn");
    expect((await SyncState.open(home, SERVER)).knowledge.size).toBe(1);
  });

  it.each<[string, (text: string) => string, number]>([
    ["as this program wrote it", (text) => text, 1],
    ["without a checksum, as earlier ones were", (text) => text.replace(/"checksum":"[^"]*",/, ""), 1],
    ["changed by hand, in a form that makes sense", (text) => text.replace('"size":1', '"size":7'), 1],
    ["changed by hand, in a form that makes none", (text) => text.replace('"size":1', '"size":"1"'), 0],
    ["cut", (text) => text.slice(0, -10), 0],
  ])("is read %s", async (_, change, known) => {
    await using fixture = await homeFixture();
    const { home } = fixture;
    const first = await SyncState.open(home, SERVER);
    first.rememberKnowledge(fileAt("/a.md"), "digest", 5);
    await first.save();
    const path = join(home.state, (await readdir(home.state))[0] ?? "");
    await writeFile(path, change(await readFile(path, "utf8")));

    const state = await SyncState.open(home, SERVER);

    expect(state.knowledge.size).toBe(known);
  });
});
