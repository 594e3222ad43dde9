import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { backup } from "../../server/backup/backup.ts";
import { restore } from "../../server/backup/restore.ts";
import { backupItems } from "../../server/backup/source.ts";
import { damageIn } from "../support/backup-lab.ts";
import { BusyServer, type Acked } from "../support/busy-server.ts";
import { indexSettled } from "../support/index-status.ts";
import { runProgram } from "../support/run-program.ts";
import { ServerProcess } from "../support/server-process.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { realTranscripts } from "../support/transcripts.ts";

const MAIN = join(import.meta.dirname, "../../server/main.ts");
const BACKUPS = 20;
/** Of what was acknowledged before a backup, the newest and some others are looked for. */
const NEWEST = 50;
const OTHERS = 50;

const Made = z.object({ folder: z.string() });

describe("a backup of a server that eight clients write to", () => {
  it(`holds all that was acknowledged before it, ${BACKUPS} times of ${BACKUPS}`, async () => {
    await using root = await tempFolder();
    await using work = await tempFolder();
    const all = join(work.path, "all");
    const backups: { folder: string; acked: Acked[] }[] = [];
    {
      await using server = await ServerProcess.start(root.path);
      const busy = await BusyServer.start({ url: server.url, root: root.path });
      for (let round = 0; round < BACKUPS; round += 1) {
        const acked = [...busy.acked];
        const made = await program(["backup", all, "--keep", "99", "--json"], root.path);
        // Of one day only the newest would stay.
        const folder = join(all, `202601${String(round + 1).padStart(2, "0")}T000000Z`);
        await rename(Made.parse(JSON.parse(made)).folder, folder);
        backups.push({ folder, acked });
      }
      await busy.stop();
      expect(await damageIn(root.path)).toEqual([]);
    }
    const faults: string[] = [];

    for (const { folder, acked } of backups) {
      await using into = await tempFolder();
      await restore({ items: backupItems(folder), into: into.path });
      faults.push(...(await damageIn(into.path)).map(({ id, path }) => `${folder}: ${id} ${path}`));
      await using server = await ServerProcess.start(into.path);
      for (const ack of sampleOf(acked)) if (!(await ack.isIn(server))) faults.push(`${folder}: ${ack.what}`);
    }

    expect(faults).toEqual([]);
    expect(backups.at(-1)?.acked.length).toBeGreaterThan(200);
  }, 600_000);
});

describe("what was restored", () => {
  it("answers twenty questions as the server did that was written to meanwhile, with and without an index", async () => {
    await using work = await tempFolder();
    await using server = await startServer();
    await seed(server);
    await indexSettled(server.root);
    const asked = await answersOf(server);
    const busy = await BusyServer.start(server);
    await vi.waitFor(() => expect(busy.acked.length).toBeGreaterThan(50), { timeout: 30_000 });
    const before = busy.acked.length;
    const made = await backup({
      memoryRoot: server.root,
      into: join(work.path, "all"),
      keepDays: 1,
      version: "1",
    });
    const during = busy.acked.length - before;
    await busy.stop();
    const into = join(work.path, "restored");
    await restore({ items: backupItems(made.folder), into });

    await using other = await startServer({ root: into });
    const unindexed = await answersOf(other);
    await indexSettled(into);
    const indexed = await answersOf(other);
    await rm(join(into, "_meta/index"), { recursive: true });
    const removed = await answersOf(other);

    expect(during).toBeGreaterThan(0);
    expect(await damageIn(into)).toEqual([]);
    expect(asked.filter((answer) => answer.includes('"anchor"')).length).toBeGreaterThan(12);
    expect([unindexed, indexed, removed]).toEqual([asked, asked, asked]);
  }, 120_000);
});

async function program(args: readonly string[], root: string): Promise<string> {
  const { code, stdout, stderr } = await runProgram([MAIN, ...args], { MEMORY_ROOT: root });
  if (code !== 0) throw new Error(`${args[0]}: ${code} ${stderr}`);
  return stdout;
}

function sampleOf(acked: readonly Acked[]): Acked[] {
  const older = acked.slice(0, -NEWEST);
  const step = Math.max(1, Math.floor(older.length / OTHERS));
  return [...older.filter((_, index) => index % step === 0), ...acked.slice(-NEWEST)];
}

/** Without scores, which are not promised and may differ without an index. */
const Hit = z.object({ anchor: z.string(), snippet: z.string(), time: z.string().optional() });

const WORDS = [
  "error",
  "test",
  "function",
  "file",
  "git commit",
  "the",
  "zebra",
  "/fix(ed)?/",
  '"return"',
  "list",
];

/** Where the questions are asked, and nobody writes. */
const SEEDED = "laptop-codex-seed";

async function answersOf(server: TestServer): Promise<string[]> {
  const answers: string[] = [];
  for (const kind of ["knowledge", "sessions"])
    for (const query of WORDS) {
      const answer = await server.api(
        `search/${kind}?query=${encodeURIComponent(query)}&limit=20&workspace_id=${SEEDED}`,
      );
      const { hits } = z.object({ hits: z.array(Hit) }).parse(await answer.json());
      answers.push(JSON.stringify(hits));
    }
  return answers;
}

async function seed(server: TestServer): Promise<void> {
  const { id, writeToken } = await server.register({ machine: "laptop", tool: "codex", project: "seed" });
  const headers = { "x-workspace-token": writeToken };
  const token = server.tokens.sync;
  for (const [index, { bytes }] of realTranscripts().slice(0, 12).entries())
    await server.api(`workspaces/${id}/sessions/real-${index}`, {
      method: "PUT",
      body: new Uint8Array(bytes),
      headers,
      token,
    });
  for (const [index, word] of WORDS.entries())
    for (const copy of [1, 2])
      await server.api(`workspaces/${id}/knowledge/notes/${index}-${copy}.md`, {
        method: "PUT",
        body: `# About ${word}\n\nThe ${word} of ${copy}; nothing was fixed.\n`,
        headers,
        token,
      });
}
