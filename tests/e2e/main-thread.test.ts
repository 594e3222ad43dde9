import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { IndexStatus, SyncRegistration } from "../../contract/wire.ts";
import { readLocalAdmin } from "../../server/storage/local-admin.ts";
import { ServerProcess } from "../support/server-process.ts";
import { AI_TOKEN, SYNC_TOKEN } from "../support/server.ts";
import { tempFolder } from "../support/temp-folder.ts";

const SPY = new URL("../support/sqlite-spy.ts", import.meta.url).href;
const POLL_MS = 50;
/** For a slow machine only. */
const MOST_MS = 60_000;

interface Asked {
  token: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** The JSON of an answer, which must be a success. */
async function ask(
  url: string,
  path: string,
  { token, method = "GET", headers = {}, body }: Asked,
): Promise<unknown> {
  const response = await fetch(`${url}/api/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  expect(response.ok, `${path}: ${text}`).toBe(true);
  return JSON.parse(text);
}

async function store(url: string): Promise<void> {
  const name = { machine: "laptop", tool: "codex", project: "webshop" };
  const json = { "content-type": "application/json" };
  const made = await ask(url, "workspaces", {
    token: SYNC_TOKEN,
    method: "POST",
    headers: json,
    body: JSON.stringify(name),
  });
  const { workspace_id: id, write_token: writeToken = "" } = SyncRegistration.parse(made);
  const headers = { "x-workspace-token": writeToken };
  const turn = { type: "user", message: { role: "user", content: "where is the zebracorn?" } };
  const put = { token: SYNC_TOKEN, method: "PUT", headers };
  await ask(url, `workspaces/${id}/knowledge/a.md`, { ...put, body: "# Notes\n\nzebracorn\n" });
  await ask(url, `workspaces/${id}/sessions/one`, { ...put, body: `${JSON.stringify(turn)}\n` });
}

async function search(url: string): Promise<void> {
  for (const kind of ["knowledge", "sessions"])
    for (const mode of ["ranked", "literal", "regex"])
      expect(
        await ask(url, `search/${kind}?query=zebracorn&mode=${mode}&explain=true`, { token: AI_TOKEN }),
      ).toMatchObject({ hits: [expect.anything()] });
}

/** The index holds a file and a session. */
async function indexed(url: string, token: string): Promise<void> {
  const deadline = performance.now() + MOST_MS;
  while (performance.now() < deadline) {
    const { state, knowledge, sessions } = IndexStatus.parse(await ask(url, "admin/index", { token }));
    if (state === "ready" && knowledge.indexed > 0 && sessions.indexed > 0) return;
    await sleep(POLL_MS);
  }
  throw new Error("the index was not ready in time");
}

it("asks nothing of SQLite on the main thread but the lock, whatever is written and searched", async () => {
  await using folder = await tempFolder();
  await using server = await ServerProcess.start(folder.path, { NODE_OPTIONS: `--import=${SPY}` });
  const { url } = server;
  const token = (await readLocalAdmin(folder.path))?.token ?? "";

  await store(url);
  await search(url);
  await indexed(url, token);
  await search(url);
  await ask(url, "admin/index/rebuild", { token, method: "POST" });
  await indexed(url, token);
  await server.stop("SIGTERM");

  const asked = server.output.split("\n").filter((line) => line.startsWith("sqlite on the main thread: "));
  expect(asked).toEqual(["sqlite on the main thread: PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE"]);
});
