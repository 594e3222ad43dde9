import { mkdir, readFile, symlink, utimes } from "node:fs/promises";
import { basename, join } from "node:path";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { openTranscript } from "../../client/archive/content.ts";
import {
  findTranscripts,
  transcriptAt,
  type FindOptions,
  type Transcript,
} from "../../client/archive/find.ts";
import type { Skipped } from "../../client/archive/listing.ts";
import { transcriptPlaces, type TranscriptPlaces } from "../../client/archive/places.ts";
import { LIMITS } from "../../contract/limits.ts";
import { clientHome, installTranscripts, TRANSCRIPTS } from "../support/client-places.ts";

const ID = "11111111-1111-4111-8111-111111111111";
const OTHER_ID = "22222222-2222-4222-8222-222222222222";
const ZST = "rollout-2026-11-21T06-32-14-01a1fcce-3273-7891-8f99-1c63f151cab2.jsonl.zst";

function claudeLine(sessionId: string, cwd = "/home/me/shop"): string {
  const line = {
    type: "user",
    sessionId,
    cwd,
    timestamp: "2026-11-21T06:00:00.000Z",
    message: { role: "user", content: "hello" },
  };
  return `${JSON.stringify(line)}\n`;
}

function codexLine(id: string, cwd = "/home/me/shop"): string {
  const payload = { id, cwd, timestamp: "2026-11-21T06:00:00.000Z" };
  return `${JSON.stringify({ timestamp: payload.timestamp, type: "session_meta", payload })}\n`;
}

async function find(places: TranscriptPlaces, options: FindOptions = {}) {
  const skipped: Skipped[] = [];
  const found = await collect(findTranscripts(places, { skipped: (one) => skipped.push(one), ...options }));
  return { found, skipped };
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}

function idsOf(found: readonly Transcript[]): string[] {
  return found.map((transcript) => transcript.sessionId).sort();
}

async function contentOf(transcript: Transcript, from?: number, to?: number): Promise<Buffer> {
  await using open = await openTranscript(transcript);
  return Buffer.concat(await collect(open.read(from, to)));
}

describe("places", () => {
  it("are below the home folder unless the clients' own variables say otherwise", () => {
    const usual = transcriptPlaces({}, "/home/me");
    const moved = transcriptPlaces({ CLAUDE_CONFIG_DIR: "/x/claude", CODEX_HOME: "/x/codex" }, "/home/me");

    expect(usual).toEqual({ claude: "/home/me/.claude", codex: "/home/me/.codex" });
    expect(moved).toEqual({ claude: "/x/claude", codex: "/x/codex" });
  });

  it("may be missing altogether", async () => {
    await using home = await clientHome();

    expect(await find(home.places)).toEqual({ found: [], skipped: [] });
  });
});

describe("Claude Code", () => {
  it("finds the recorded sessions and their subagents, each once", async () => {
    await using home = await clientHome();
    await installTranscripts("claude/projects", join(home.places.claude, "projects"));
    const parent = "1ca781f9-2498-4c05-b5fc-9bbf97cfc300";

    const { found, skipped } = await find(home.places);

    expect(skipped).toEqual([]);
    expect(found).toHaveLength(18);
    expect(new Set(idsOf(found)).size).toBe(18);
    expect(
      new Map(found.filter((one) => one.parent !== undefined).map((one) => [one.sessionId, one.parent])),
    ).toEqual(
      new Map([
        [`${parent}.agent-a32db4aac50e3c98b`, parent],
        [`${parent}.agent-a4c284aa38328162c`, parent],
      ]),
    );
    const worktree = found.filter((one) => one.cwd === "/home/dev/projects/orchard-wt.fix_1");
    expect(idsOf(worktree)).toEqual(["b51521f7-ab6a-4ae7-b106-a9200850afb4"]);
    expect(found.filter((one) => one.cwd === "/home/dev/projects/orchard")).toHaveLength(17);
  });

  it("finds subagents of old versions beside their parents, and skips empty files", async () => {
    await using home = await clientHome();
    for (const version of ["2.0.77", "2.1.90", "2.1.233"])
      await installTranscripts(`claude/old-${version}/projects`, join(home.places.claude, "projects"));

    const { found, skipped } = await find(home.places);

    expect(idsOf(found)).toEqual([
      "18524775-19da-4a9a-8fad-0dd55a0694ad",
      "4d47433c-16e0-4ded-8cf2-9fc27d737ac5.agent-aafb142",
      "bf3411cc-6e61-46ad-9a04-8599623d4ef7",
      "dc9e8f2f-85db-496c-960e-4eafd51b4bbc",
      "dc9e8f2f-85db-496c-960e-4eafd51b4bbc.agent-a22b575",
    ]);
    expect(skipped.map((one) => [basename(one.path), one.reason])).toEqual([
      ["4d47433c-16e0-4ded-8cf2-9fc27d737ac5.jsonl", "empty"],
    ]);
  });

  it("takes the id from the file's name: a fork begins with another session's lines", async () => {
    await using home = await clientHome();
    await home.write(`.claude/projects/-shop/${ID}.jsonl`, claudeLine(OTHER_ID) + claudeLine(ID));

    const { found } = await find(home.places);

    expect(idsOf(found)).toEqual([ID]);
  });

  it("finds a session whose first lines say nothing, however long they are", async () => {
    await using home = await clientHome();
    const mode = `${JSON.stringify({ type: "mode", sessionId: ID, filler: "x\u2028".repeat(100_000) })}\n`;
    await home.write(`.claude/projects/-shop/${ID}.jsonl`, mode + claudeLine(ID, "/home/me/日本"));

    const { found } = await find(home.places);

    expect(found).toMatchObject([{ sessionId: ID, cwd: "/home/me/日本", client: "claude-code" }]);
  });

  it("trusts the name of a file whose head is one huge line", async () => {
    await using home = await clientHome();
    await home.write(`.claude/projects/-shop/${ID}.jsonl`, "x".repeat(LIMITS.client.transcriptHeadBytes + 1));

    const { found } = await find(home.places);

    expect(found).toMatchObject([{ sessionId: ID }]);
    expect(found[0]).not.toHaveProperty("cwd");
  });

  it("leaves out what is no session, and says why", async () => {
    await using home = await clientHome();
    const summary = `${JSON.stringify({ type: "summary", summary: "Shop", leafUuid: ID })}\n`;
    await home.write(`.claude/projects/-shop/${ID}.jsonl`, summary);
    await home.write(`.claude/projects/-shop/broken.jsonl`, "{not json\n");
    await home.write(`.claude/projects/-shop/odd.jsonl`, claudeLine("../../escape"));
    await home.write(`.claude/projects/-shop/memory/notes.md`, "notes");
    await home.write(`.claude/projects/-shop/${OTHER_ID}/tool-results/result.json`, "{}");

    const { found, skipped } = await find(home.places);

    expect(found).toEqual([]);
    expect(new Map(skipped.map((one) => [basename(one.path), one.reason]))).toEqual(
      new Map([
        [`${ID}.jsonl`, "no line of a session in it"],
        ["broken.jsonl", "no line of a session in it"],
        ["odd.jsonl", '"../../escape" cannot be a session id'],
      ]),
    );
  });
});

describe("Codex", () => {
  it("finds the recorded rollouts of every version, archived and compressed ones too", async () => {
    await using home = await clientHome();
    const { codex } = home.places;
    await installTranscripts("codex/sessions", join(codex, "sessions"));
    await installTranscripts("codex/archived_sessions", join(codex, "archived_sessions"));
    await installTranscripts("codex/compressed", join(codex, "sessions/2026/11/21"));
    for (const version of ["0.36.0", "0.55.0", "0.93.0", "0.118.0", "0.141.0"])
      await installTranscripts(`codex/old-${version}/sessions`, join(codex, "sessions"));

    const { found, skipped } = await find(home.places);

    expect(skipped).toEqual([]);
    expect(found).toHaveLength(12 + 1 + 1 + 5);
    for (const transcript of found) expect(basename(transcript.path)).toContain(transcript.sessionId);
    expect(found.filter((one) => one.parent !== undefined)).toMatchObject([
      { sessionId: "01a1fcda-2be6-7fb3-ae4d-bd7957901e3b", parent: "01a1fcda-2b1f-7991-9f65-ce86e5a54080" },
    ]);
    expect(found.filter((one) => one.cwd === undefined)).toEqual([]);
    expect(found.filter((one) => one.compressed).map((one) => basename(one.path))).toEqual([ZST]);
  });

  it("learns the name of the repository a session began in, and nothing else of its address", async () => {
    await using home = await clientHome();
    const git = { repository_url: "https://me:secret@example.com/me/webshop.git" };
    const meta = (id: string, extra: object): string =>
      `${JSON.stringify({ type: "session_meta", payload: { id, cwd: "/gone/fix-1", ...extra } })}\n`;
    const folder = ".codex/sessions/2026/11/21/rollout-2026-11-21T06-00-00-";
    await home.write(`${folder}${ID}.jsonl`, meta(ID, { git }));
    await home.write(`${folder}${OTHER_ID}.jsonl`, meta(OTHER_ID, {}) + meta(ID, { git }));

    const { found } = await find(home.places);

    expect(new Map(found.map((one) => [one.sessionId, one.repository]))).toEqual(
      new Map([
        [ID, "webshop"],
        [OTHER_ID, undefined],
      ]),
    );
    expect(JSON.stringify(found)).not.toContain("secret");
  });

  it("sees a session once while it is archived, compressed and unpacked again", async () => {
    await using home = await clientHome();
    const name = `rollout-2026-11-21T06-00-00-${ID}.jsonl`;
    const old = codexLine(ID);
    const grown = old + JSON.stringify({ type: "event_msg", payload: {} });
    const plain = await home.write(`.codex/sessions/2026/11/21/${name}`, grown);
    const packed = await home.write(`.codex/sessions/2026/11/21/${name}.zst`, zstdCompressSync(old));
    const archived = await home.write(`.codex/archived_sessions/${name}`, old);
    await utimes(plain, 1000, 1000);
    await utimes(packed, 3000, 3000);
    await utimes(archived, 500, 500);

    const { found, skipped } = await find(home.places);

    expect(found.map((one) => one.path)).toEqual([plain]);
    expect(skipped.map((one) => one.path).sort()).toEqual([archived, packed].sort());
  });

  it("falls back to the id in the file's name", async () => {
    await using home = await clientHome();
    await home.write(`.codex/sessions/2026/11/21/rollout-2026-11-21T06-00-00-${ID}.jsonl`, "{torn");

    const { found } = await find(home.places);

    expect(idsOf(found)).toEqual([ID]);
  });

  it("reports a compressed rollout that is torn, and finds the others", async () => {
    await using home = await clientHome();
    const folder = ".codex/sessions/2026/11/21";
    await home.write(
      `${folder}/rollout-2026-11-21T06-00-00-${ID}.jsonl.zst`,
      zstdCompressSync(codexLine(ID)).subarray(0, 20),
    );
    await home.write(`${folder}/rollout-2026-11-21T06-00-00-${OTHER_ID}.jsonl`, codexLine(OTHER_ID));

    const { found, skipped } = await find(home.places);

    expect(idsOf(found)).toEqual([OTHER_ID]);
    expect(skipped).toMatchObject([{ reason: "The compressed transcript is torn or not Zstandard" }]);
  });
});

describe("the scan", () => {
  it("gives the newest first", async () => {
    await using home = await clientHome();
    const older = await home.write(`.claude/projects/-shop/${ID}.jsonl`, claudeLine(ID));
    const newer = await home.write(
      `.codex/archived_sessions/rollout-1-${OTHER_ID}.jsonl`,
      codexLine(OTHER_ID),
    );
    await utimes(older, 1000, 1000);
    await utimes(newer, 2000, 2000);

    const { found } = await find(home.places);

    expect(found.map((one) => one.path)).toEqual([newer, older]);
  });

  it("does not open files that are known and unchanged", async () => {
    await using home = await clientHome();
    const path = await home.write(`.claude/projects/-shop/${ID}.jsonl`, "unreadable");
    const asked: unknown[] = [];

    const { found } = await find(home.places, {
      known: (...question) => {
        asked.push(question);
        return { sessionId: ID, cwd: "/home/me/shop" };
      },
    });

    expect(found).toMatchObject([{ path, sessionId: ID, cwd: "/home/me/shop", sizeBytes: 10 }]);
    expect(asked).toEqual([[path, 10, found[0]?.mtimeMs]]);
  });

  it("follows a link to a client's folder, but none below it", async () => {
    await using home = await clientHome();
    await home.write(`elsewhere/-shop/${ID}.jsonl`, claudeLine(ID));
    await home.write(`outside/${OTHER_ID}.jsonl`, claudeLine(OTHER_ID));
    await mkdir(home.places.claude);
    await symlink(join(home.path, "elsewhere"), join(home.places.claude, "projects"));
    await symlink(join(home.path, "outside"), join(home.path, "elsewhere/-linked"));
    await symlink(
      join(home.path, `outside/${OTHER_ID}.jsonl`),
      join(home.path, `elsewhere/-shop/${OTHER_ID}.jsonl`),
    );
    await mkdir(join(home.path, `elsewhere/-shop/${ID}`));
    await symlink(join(home.path, "outside"), join(home.path, `elsewhere/-shop/${ID}/subagents`));

    const { found, skipped } = await find(home.places);

    expect(idsOf(found)).toEqual([ID]);
    expect(skipped.map((one) => basename(one.path)).sort()).toEqual(
      ["-linked", `${OTHER_ID}.jsonl`, "subagents"].sort(),
    );
  });

  it("reports a folder that cannot be listed, and goes on", async () => {
    await using home = await clientHome();
    await home.write(".claude/projects", "a file where a folder should be");
    await home.write(`.codex/archived_sessions/rollout-1-${ID}.jsonl`, codexLine(ID));

    const { found, skipped } = await find(home.places);

    expect(idsOf(found)).toEqual([ID]);
    expect(skipped).toEqual([
      { path: join(home.places.claude, "projects"), reason: "the folder cannot be read: ENOTDIR" },
    ]);
  });
});

describe("transcriptAt", () => {
  it("tells what a hook's path is", async () => {
    await using home = await clientHome();
    await installTranscripts("claude/projects", join(home.places.claude, "projects"));
    const session = "1ca781f9-2498-4c05-b5fc-9bbf97cfc300";
    const folder = join(home.places.claude, "projects/-home-dev-projects-orchard");

    const own = await transcriptAt(join(folder, `${session}.jsonl`));
    const subagent = await transcriptAt(join(folder, session, "subagents/agent-a32db4aac50e3c98b.jsonl"));
    const codex = await transcriptAt(
      await home.write(`.codex/sessions/2026/11/21/rollout-2026-11-21T06-00-00-${ID}.jsonl`, codexLine(ID)),
    );

    expect(own).toMatchObject({
      client: "claude-code",
      sessionId: session,
      cwd: "/home/dev/projects/orchard",
    });
    expect(subagent).toMatchObject({ sessionId: `${session}.agent-a32db4aac50e3c98b`, parent: session });
    expect(codex).toMatchObject({ client: "codex", sessionId: ID });
  });

  it("refuses what is missing or no transcript", async () => {
    await using home = await clientHome();
    const notes = await home.write("notes.jsonl", "{}\n");

    await expect(transcriptAt(join(home.path, "gone.jsonl"))).rejects.toMatchObject({ code: "not_found" });
    await expect(transcriptAt(notes)).rejects.toThrow("no line of a session");
  });
});

describe("openTranscript", () => {
  it("gives any range of the bytes as they are", async () => {
    await using home = await clientHome();
    const bytes = Buffer.concat([
      Buffer.from(claudeLine(ID)),
      Buffer.from([0xff, 0xfe, 0x0d, 0x0a]),
      Buffer.alloc(700_000, "x"),
    ]);
    const transcript = await transcriptAt(await home.write(`.claude/projects/-shop/${ID}.jsonl`, bytes));

    expect(await contentOf(transcript)).toEqual(bytes);
    expect(await contentOf(transcript, 100, 600_000)).toEqual(bytes.subarray(100, 600_000));
    expect(await contentOf(transcript, bytes.length)).toHaveLength(0);
  });

  it("does not see what is appended after it was opened", async () => {
    await using home = await clientHome();
    const path = await home.write(`.claude/projects/-shop/${ID}.jsonl`, claudeLine(ID));
    await using open = await openTranscript(await transcriptAt(path));
    await home.write(`.claude/projects/-shop/${ID}.jsonl`, claudeLine(ID).repeat(3));

    const read = Buffer.concat(await collect(open.read()));

    expect(open.sizeBytes).toBe(claudeLine(ID).length);
    expect(read.toString()).toBe(claudeLine(ID));
  });

  it("says so when the file was cut while it was read", async () => {
    await using home = await clientHome();
    const path = await home.write(`.claude/projects/-shop/${ID}.jsonl`, claudeLine(ID).repeat(3));
    await using open = await openTranscript(await transcriptAt(path));
    await home.write(`.claude/projects/-shop/${ID}.jsonl`, claudeLine(ID));

    await expect(collect(open.read())).rejects.toMatchObject({ code: "unavailable" });
  });

  it("decompresses, and leaves no temporary file", async () => {
    await using home = await clientHome();
    await installTranscripts("codex/compressed", join(home.places.codex, "sessions"));
    const recorded = await readFile(join(TRANSCRIPTS, "codex/compressed", ZST));
    const expected = zstdDecompressSync(recorded);
    const [transcript] = (await find(home.places)).found;
    if (transcript === undefined) throw new Error("the compressed rollout was not found");

    expect(await contentOf(transcript)).toEqual(expected);
    expect(await contentOf(transcript, 1000, 2000)).toEqual(expected.subarray(1000, 2000));
  });

  it("decompresses frames that follow one another", async () => {
    await using home = await clientHome();
    const parts = [codexLine(ID), "second\n".repeat(100_000), "third\n"];
    const packed = Buffer.concat(parts.map((part) => zstdCompressSync(part)));
    const path = await home.write(`.codex/archived_sessions/rollout-1-${ID}.jsonl.zst`, packed);

    const content = await contentOf(await transcriptAt(path));

    expect(content.toString()).toBe(parts.join(""));
  });
});
