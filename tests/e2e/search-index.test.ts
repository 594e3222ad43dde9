import { rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { wholeAnswer } from "../../bench/quality/whole-answer.ts";
import { IndexStatus, SyncRegistration } from "../../contract/wire.ts";
import { mapBounded } from "../../disk/bounded.ts";
import { INDEX_KINDS, indexFolder } from "../../server/index/database/places.ts";
import { indexContents } from "../support/index-contents.ts";
import { SOON } from "../support/index-lab.ts";
import { indexSettled, indexStatus } from "../support/index-status.ts";
import { runProgram } from "../support/run-program.ts";
import { ServerProcess } from "../support/server-process.ts";
import { AI_TOKEN, SYNC_TOKEN } from "../support/server.ts";
import { lines } from "../support/session-store.ts";
import { tempFolder } from "../support/temp-folder.ts";

const Answer = z.looseObject({
  hits: z.array(z.unknown()),
  partial: z.boolean(),
  note: z.string().optional(),
});
const MAIN = join(import.meta.dirname, "../../server/main.ts");
const FILES = 200;
const SESSIONS = 12;
const KILLS = 5;

/** The search index as an owner sees it, and what a crash leaves of it. */

const command = (root: string, ...args: string[]) => runProgram([MAIN, ...args], { MEMORY_ROOT: root });

/** Stores files and sessions through the server. */
async function fill({ url }: ServerProcess): Promise<void> {
  const headers = { authorization: `Bearer ${SYNC_TOKEN}`, "content-type": "application/json" };
  const body = JSON.stringify({ machine: "laptop", tool: "codex", project: "webshop" });
  const registered = await fetch(`${url}/api/v1/workspaces`, { method: "POST", headers, body });
  const { workspace_id: id, write_token: token = "" } = SyncRegistration.parse(await registered.json());
  const put = async (path: string, content: string | Buffer<ArrayBuffer>) => {
    const answer = await fetch(`${url}/api/v1/workspaces/${id}/${path}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${SYNC_TOKEN}`, "x-workspace-token": token },
      body: content,
    });
    await answer.body?.cancel();
    expect(answer.status).toBe(201);
  };
  for (let index = 0; index < FILES; index += 1)
    await put(`knowledge/${index % 5}/${index}.md`, `# File ${index}\n${"word ".repeat(index * 20)}\n`);
  for (let index = 0; index < SESSIONS; index += 1)
    await put(`sessions/s${index}`, Buffer.from(lines(2000, index * 1000)));
}

/** What some searches answer. */
function answers({ url }: ServerProcess): Promise<z.infer<typeof Answer>[]> {
  const asked = [
    ["knowledge", { query: "file 17 word" }],
    ["knowledge", { query: "File 19", mode: "literal" }],
    ["knowledge", { query: "File 1[0-9]$", mode: "regex" }],
    ["sessions", { query: "line 4711 word", project: "webshop" }],
    ["sessions", { query: "line 4711 ", mode: "literal" }],
    ["sessions", { query: "line 4[0-9]{2}1 ", mode: "regex" }],
  ] as const;
  const headers = { authorization: `Bearer ${AI_TOKEN}` };
  return mapBounded(asked, 1, ([kind, params]) =>
    wholeAnswer(async () => {
      const search = `${url}/api/v1/search/${kind}?${new URLSearchParams(params).toString()}`;
      return Answer.parse(await (await fetch(search, { headers })).json());
    }),
  );
}

/** Waits until more documents than these are indexed, or all; gives how many. */
async function indexedBeyond(root: string, least: number): Promise<number> {
  for (;;) {
    const { knowledge, sessions } = await indexStatus(root);
    const indexed = knowledge.indexed + sessions.indexed;
    if (indexed > least || indexed === FILES + SESSIONS) return indexed;
  }
}

const contents = (root: string) => INDEX_KINDS.flatMap((kind) => indexContents(root, kind));

describe("the search index", () => {
  it(
    "is complete and the same after kills while it is built, and gives the same answers",
    { timeout: 120_000 },
    async () => {
      await using folder = await tempFolder();
      let answered: z.infer<typeof Answer>[];
      {
        await using server = await ServerProcess.start(folder.path);
        await fill(server);
        await indexSettled(folder.path);
        answered = await answers(server);
        await server.stop("SIGTERM");
      }
      const whole = contents(folder.path);
      await rm(indexFolder(folder.path), { recursive: true });

      const killedAt: number[] = [];
      for (let kill = 0; kill < KILLS; kill += 1) {
        await using server = await ServerProcess.start(folder.path);
        killedAt.push(await indexedBeyond(folder.path, killedAt.at(-1) ?? 0));
        await server.stop("SIGKILL");
      }
      await using server = await ServerProcess.start(folder.path);
      const status = await indexSettled(folder.path);
      const again = await answers(server);
      await server.stop("SIGTERM");

      expect(again).toEqual(answered);
      expect(answered.filter(({ hits }) => hits.length === 0)).toEqual([]);
      expect(killedAt.some((indexed) => indexed > 0 && indexed < FILES + SESSIONS)).toBe(true);
      expect(status.knowledge).toEqual({ indexed: FILES, pending: 0, failed: 0 });
      expect(status.sessions).toEqual({ indexed: SESSIONS, pending: 0, failed: 0 });
      expect(contents(folder.path)).toEqual(whole);
      expect(whole.length).toBeGreaterThan(2 * (FILES + SESSIONS));
    },
  );

  it("is shown by `status` and built anew by `reindex`, while a server runs", async () => {
    await using folder = await tempFolder();
    await using server = await ServerProcess.start(folder.path);
    await fill(server);
    await indexSettled(folder.path);

    const shown = await command(folder.path, "status");
    const json = await command(folder.path, "status", "--json");
    const again = await command(folder.path, "reindex");
    const rebuilt = await indexSettled(folder.path);

    expect([shown.code, json.code, again.code]).toEqual([0, 0, 0]);
    expect(shown.stdout).toContain("search index  ready");
    expect(shown.stdout).toContain(`knowledge     ${FILES} indexed, 0 pending, 0 failed`);
    expect(shown.stdout).toContain(`sessions      ${SESSIONS} indexed, 0 pending, 0 failed`);
    const status = IndexStatus.parse(JSON.parse(json.stdout));
    expect(status).toMatchObject({ state: "ready", failures: [], watching: { complete: true } });
    expect(Math.min(status.bytes.knowledge, status.bytes.sessions)).toBeGreaterThan(0);
    expect(again.stdout).toContain("is being built anew");
    expect(rebuilt.knowledge.indexed).toBe(FILES);
    expect(server.output).toContain("the search index is built anew");
  });

  it("is not needed: while its folder cannot be entered searches read, and `status` says why", async () => {
    await using folder = await tempFolder();
    await using server = await ServerProcess.start(folder.path);
    await fill(server);
    await indexSettled(folder.path);
    const found = async () => (await answers(server)).map(({ hits }) => hits.length);
    const before = await found();

    await rm(indexFolder(folder.path), { recursive: true });
    await symlink(indexFolder(folder.path), indexFolder(folder.path));
    const at = await found();
    await expect.poll(async () => (await indexStatus(folder.path)).problem, SOON).toContain("ELOOP");
    const shown = await command(folder.path, "status");
    const after = await found();

    expect([at, after]).toEqual([before, before]);
    expect(Math.min(...before)).toBeGreaterThan(0);
    expect(shown.stdout).toContain("problem       ELOOP");
    expect(server.output).not.toContain("died");
  });

  it("is shown, and thrown away, on the files when no server runs", async () => {
    await using folder = await tempFolder();
    {
      await using server = await ServerProcess.start(folder.path);
      await fill(server);
      await indexSettled(folder.path);
      await server.stop("SIGTERM");
    }

    const shown = await command(folder.path, "status", "--json");
    const reindexed = await command(folder.path, "reindex");
    const after = await command(folder.path, "status", "--json");

    expect(IndexStatus.parse(JSON.parse(shown.stdout))).toMatchObject({
      state: "stopped",
      knowledge: { indexed: FILES },
      sessions: { indexed: SESSIONS },
    });
    expect(reindexed).toMatchObject({ code: 0, stderr: "" });
    expect(IndexStatus.parse(JSON.parse(after.stdout))).toMatchObject({
      state: "stopped",
      knowledge: { indexed: 0 },
      sessions: { indexed: 0 },
      bytes: { knowledge: 0, sessions: 0 },
    });
  });
});
