import { createServer } from "node:http";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, it, vi } from "vitest";
import { SessionPage } from "../../contract/wire.ts";
import { listenOnLoopback } from "../support/fake-model/loopback.ts";
import { buildBundle, Machine } from "../support/memory-sync.ts";
import type { Finished } from "../support/run-program.ts";
import { startServer, SYNC_TOKEN } from "../support/server.ts";

const SESSIONS = 60;
const AT_ONCE = 6;

beforeAll(buildBundle);

it("loses nothing of sixty sessions that end while the server is away", async () => {
  const port = await freePort();
  await using machine = await Machine.create({
    SYNC_TOKEN,
    MCP_MEMORY_URL: `http://127.0.0.1:${port}/mcp`,
  });
  const ids = Array.from({ length: SESSIONS }, () => crypto.randomUUID());
  const transcripts = await Promise.all(ids.map((id) => writeTranscript(machine, id)));

  for (let first = 0; first < SESSIONS; first += AT_ONCE)
    await Promise.all(transcripts.slice(first, first + AT_ONCE).map((path) => endSession(machine, path)));
  await using server = await startServer({ env: { PORT: String(port) } });
  await interruptSync(machine);
  const finished = await syncAll(machine);

  expect(finished).toMatchObject({ code: 0, stderr: "" });
  const page = SessionPage.parse(await (await server.api("sessions?limit=500")).json());
  expect(page.entries.map(({ session_id }) => session_id).sort()).toEqual(ids.toSorted());
  expect([await machine.box("new"), await machine.box("cur")]).toEqual([[], []]);
}, 120_000);

/** A port that nobody listens on just now. */
async function freePort(): Promise<number> {
  const { url, close } = await listenOnLoopback(createServer());
  await close();
  return Number(new URL(url).port);
}

function writeTranscript(machine: Machine, id: string): Promise<string> {
  const said = {
    type: "user",
    sessionId: id,
    cwd: "/home/me/shop",
    timestamp: "2026-11-21T06:00:00.000Z",
    message: { role: "user", content: `session ${id}` },
  };
  return machine.write(`.claude/projects/-home-me-shop/${id}.jsonl`, `${JSON.stringify(said)}\n`);
}

/** As the client does it when a session ends. The hook's answer is the same whether the server is there or not. */
async function endSession(machine: Machine, path: string): Promise<void> {
  const stdin = JSON.stringify({ hook_event_name: "SessionEnd", transcript_path: path });
  const finished = await machine.run(["claude-hook"], { stdin, program: "bundle" });
  expect(finished).toEqual({ code: 0, stdout: "", stderr: "" });
}

/** A sync once no worker of a hook is at it any more. */
function syncAll(machine: Machine): Promise<Finished> {
  return vi.waitFor(
    async () => {
      const finished = await machine.run(["sync", "--retry"], { program: "bundle" });
      if (finished.stderr.includes("Another memory-sync is running")) throw new Error(finished.stderr);
      return finished;
    },
    { timeout: 60_000, interval: 200 },
  );
}

/** A sync that is killed at its work. */
async function interruptSync(machine: Machine): Promise<void> {
  const child = machine.start(["sync", "--retry"], "bundle");
  const ended = once(child, "exit");
  await sleep(400);
  child.kill("SIGKILL");
  await ended;
}
