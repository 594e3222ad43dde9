import { once } from "node:events";
import { readFileSync } from "node:fs";
import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { buildBundle, Machine, type Program } from "../support/memory-sync.ts";

const SESSION_ID = "11111111-1111-4111-8111-111111111111";
const LINE = `${JSON.stringify({ type: "user", sessionId: SESSION_ID, cwd: "/home/me/shop", timestamp: "2026-11-21T06:00:00.000Z", message: { role: "user", content: "hello" } })}\n`;
const TRANSCRIPT = `.claude/projects/-home-me-shop/${SESSION_ID}.jsonl`;

const CODEX_PAYLOADS = readFileSync(
  join(import.meta.dirname, "../fixtures/transcripts/codex/hook-payloads-0.169.0.jsonl"),
  "utf8",
).split("\n");

beforeAll(buildBundle);

/** A machine whose server does not exist: what a hook stores stays in the outbox. */
async function machineFixture(): Promise<{ machine: Machine; transcript: string } & AsyncDisposable> {
  const machine = await Machine.create({
    SYNC_TOKEN: "sync-token",
    MCP_MEMORY_URL: "http://127.0.0.1:2/mcp",
  });
  const transcript = await machine.write(TRANSCRIPT, LINE);
  return {
    machine,
    transcript,
    // The worker in the background may still write into the folder.
    [Symbol.asyncDispose]: async () => {
      await vi.waitFor(async () => expect(await machine.log("sync")).not.toBe(""), { timeout: 20_000 });
      await machine[Symbol.asyncDispose]();
    },
  };
}

function payload(changes: Record<string, unknown>): string {
  return JSON.stringify({
    session_id: SESSION_ID,
    cwd: "/home/me/shop",
    hook_event_name: "SessionEnd",
    ...changes,
  });
}

async function jobsOf(machine: Machine): Promise<{ path: string; reason: string; kind: string }[]> {
  const names = await machine.box("new");
  const folder = machine.path(".memory-sync/queue/new");
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8"))));
}

async function settledJobs(machine: Machine) {
  return vi.waitFor(
    async () => {
      const jobs = await jobsOf(machine);
      expect(jobs).not.toEqual([]);
      return jobs;
    },
    { timeout: 20_000 },
  );
}

// On a busy machine the hook's time may be over before it has the payload; the scan it then starts makes the same job.
describe.each<Program>(["source", "bundle"])("claude-hook from the %s", (program) => {
  it("stores a job, says nothing on stdout and exits 0 while the server is down", async () => {
    await using fixture = await machineFixture();
    const { machine, transcript } = fixture;

    const finished = await machine.run(["claude-hook"], {
      stdin: payload({ transcript_path: transcript }),
      program,
    });

    expect(finished).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await settledJobs(machine)).toMatchObject([{ kind: "session", path: transcript }]);
  });

  it("takes the Stop hook of Codex, as Codex sends it", async () => {
    await using fixture = await machineFixture();
    const { machine } = fixture;
    const stop = CODEX_PAYLOADS.find((text) => text.includes('"hook_event_name":"Stop"')) ?? "{}";
    const [sent = ""] = /[^"]*\.codex\/sessions\/[^"]*\.jsonl/.exec(stop) ?? [];
    const meta = {
      timestamp: "2026-11-21T05:52:14.000Z",
      type: "session_meta",
      payload: { id: SESSION_ID, cwd: "/home/me/shop" },
    };
    const rollout = await machine.write(sent.slice(sent.indexOf(".codex")), `${JSON.stringify(meta)}\n`);

    const finished = await machine.run(["claude-hook"], { stdin: stop.replace(sent, rollout), program });

    expect(sent).not.toBe("");
    expect(finished).toEqual({ code: 0, stdout: "", stderr: "" });
    // Where the scan made the jobs, the other transcript's may be there first.
    await vi.waitFor(async () => expect((await jobsOf(machine)).map(({ path }) => path)).toContain(rollout), {
      timeout: 20_000,
    });
  });

  it("ends well whatever else stands on its command line: for some events code 2 blocks the client", async () => {
    await using fixture = await machineFixture();
    const { machine, transcript } = fixture;
    const stdin = payload({ transcript_path: transcript });

    const finished = await machine.run(["claude-hook", "--bogus", "extra"], { stdin, program });

    expect(finished).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await settledJobs(machine)).toMatchObject([{ path: transcript }]);
  });

  it("does not wait for stdin to end, and takes a payload that trickles", async () => {
    await using fixture = await machineFixture();
    const { machine, transcript } = fixture;
    const text = payload({ transcript_path: transcript, hook_event_name: "Stop" });

    const child = machine.start(["claude-hook"], program);
    for (const part of [text.slice(0, 9), text.slice(9, 50), text.slice(50)])
      await new Promise((resolve) => child.stdin.write(part, resolve));
    const [code] = await once(child, "exit");

    expect(code).toBe(0);
    expect(await settledJobs(machine)).toMatchObject([{ path: transcript }]);
  });

  it.each([
    ["nothing at all", "", "no hook payload"],
    ["no JSON", "hello {", "no JSON"],
    ["JSON that is no object", '"}"', "no JSON"],
    ["half a payload", '{"hook_event_name":"SessionEnd","transcript_', "no JSON, or not whole"],
  ])("exits 0, says so and has the machine scanned after %s", async (_, stdin, told) => {
    await using fixture = await machineFixture();
    const { machine, transcript } = fixture;

    const finished = await machine.run(["claude-hook"], { stdin, program });

    expect(finished).toEqual({ code: 0, stdout: "", stderr: "" });
    // The scan found the transcript and, without a server, made it a job.
    expect(await settledJobs(machine)).toMatchObject([{ path: transcript, reason: "sync" }]);
    expect(await machine.log("hook")).toMatch(new RegExp(`${told}.*; a full scan was started instead`));
  });

  it("gives up on a silent stdin that stays open", async () => {
    await using fixture = await machineFixture();

    const child = fixture.machine.start(["claude-hook"], program);
    const [code] = await once(child, "exit");

    expect(code).toBe(0);
  });
});

describe("claude-hook", () => {
  it("exits 0 when it cannot write", async () => {
    await using machine = await Machine.create({ MEMORY_SYNC_HOME: "/dev/null/nowhere" });
    const transcript = await machine.write(TRANSCRIPT, LINE);

    const finished = await machine.run(["claude-hook"], { stdin: payload({ transcript_path: transcript }) });

    expect(finished).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it.each([
    ["a session that left no file", { transcript_path: "/nowhere/x.jsonl" }],
    ["an event it is not for", { hook_event_name: "UserPromptSubmit", transcript_path: "/etc/passwd" }],
    ["a relative path", { transcript_path: "x.jsonl" }],
    ["no path", { transcript_path: null }],
  ])("makes no job for %s", async (_, changes) => {
    await using machine = await Machine.create();

    const finished = await machine.run(["claude-hook"], { stdin: payload(changes) });

    expect(finished).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await machine.box("new")).toEqual([]);
  });

  it("does nothing inside a worker", async () => {
    await using machine = await Machine.create({ MEMORY_SYNC_WORKER: "1" });
    const transcript = await machine.write(TRANSCRIPT, LINE);

    await machine.run(["claude-hook"], { stdin: payload({ transcript_path: transcript }) });

    expect(await readdir(machine.home)).toEqual([".claude"]);
  });

  it("does not evaluate the schema library, in the bundle either", async () => {
    await using machine = await Machine.create();
    const probe = await machine.write(
      "probe.mjs",
      'process.on("exit", () => { if ("__zod_globalRegistry" in globalThis) process.exitCode = 77; });',
    );
    machine.env["NODE_OPTIONS"] = `--import=${pathToFileURL(probe).href}`;

    const hook = await machine.run(["claude-hook"], { stdin: payload({}), program: "bundle" });
    const other = await machine.run(["--version"], { program: "bundle" });

    expect(hook.code).toBe(0);
    // The probe does see it where it is evaluated.
    expect(other.code).toBe(77);
  });
});

describe("the start of a session", () => {
  const starting = payload({
    hook_event_name: "SessionStart",
    source: "startup",
    transcript_path: "/none.jsonl",
  });

  it("has the machine looked through, for sessions that were missed", async () => {
    await using fixture = await machineFixture();
    const { machine, transcript } = fixture;

    const finished = await machine.run(["claude-hook"], { stdin: starting });

    expect(finished).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await settledJobs(machine)).toMatchObject([{ path: transcript, reason: "sync" }]);
  });

  it.each(["fired/SessionStart", "runs/schedule"])("does nothing soon after %s", async (done) => {
    await using machine = await Machine.create();
    await machine.write(TRANSCRIPT, LINE);
    await machine.write(`.memory-sync/state/${done}`, "");

    const finished = await machine.run(["claude-hook"], { stdin: starting });

    expect(finished).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await readdir(machine.path(".memory-sync"))).toEqual(["state"]);
  });
});

describe("stamps", () => {
  it.each(["SessionEnd", "Stop", "PreCompact", "SessionStart"])("tell when %s fired last", async (event) => {
    await using fixture = await machineFixture();
    const { machine, transcript } = fixture;
    const before = Date.now();

    await machine.run(["claude-hook"], {
      stdin: payload({ hook_event_name: event, transcript_path: transcript }),
    });

    const { mtimeMs } = await stat(machine.path(".memory-sync/state/fired", event));
    // The clock of the disk may be a tick behind.
    expect(mtimeMs).toBeGreaterThan(before - 100);
  });

  it("are not left by events that ask for nothing, whatever they are called", async () => {
    await using machine = await Machine.create();

    await machine.run(["claude-hook"], { stdin: payload({ hook_event_name: "../../../planted" }) });

    expect(await readdir(machine.home)).toEqual([]);
  });
});
