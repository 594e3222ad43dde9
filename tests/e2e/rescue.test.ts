import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { appendFile, utimes } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { readConfig } from "../../client/config.ts";
import { environmentOf } from "../../client/home/home.ts";
import { Feeder } from "../../client/remote/feeder.ts";
import { performRescue, planRescue } from "../../client/rescue/rescue.ts";
import { SessionPage } from "../../contract/wire.ts";
import { atTerminal, TERMINAL } from "../support/at-terminal.ts";
import { CountingProxy } from "../support/counting-proxy.ts";
import { Machine } from "../support/memory-sync.ts";
import { startServer, type TestServer } from "../support/server.ts";

const MAIN = join(import.meta.dirname, "../../client/main.ts");
const DAY_S = 24 * 60 * 60;
const Rescued = z.object({
  to_send: z.object({ files: z.number(), bytes: z.number() }),
  expiring: z.record(z.string(), z.object({ files: z.number() })),
  report: z.object({ sessions: z.record(z.string(), z.number()), waiting: z.number() }),
});

/** A machine that talks to a server through a proxy. No manifests, no settings. */
async function fixture() {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await startServer());
  const proxy = stack.use(await CountingProxy.start(server.url));
  const env = { MCP_MEMORY_URL: proxy.url, SYNC_TOKEN: server.tokens.sync };
  const machine = stack.use(await Machine.create(env));
  return { server, proxy, machine, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const idOf = (index: number): string => `${String(index).padStart(8, "0")}-1111-4111-8111-111111111111`;

/** A session of Claude Code that was written so many days ago. */
async function session(machine: Machine, index: number, daysAgo: number): Promise<string> {
  const message = { role: "user", content: `what is number ${index}` };
  const head = {
    type: "user",
    sessionId: idOf(index),
    cwd: "/home/me/shop",
    timestamp: "2026-11-21T06:00:00.000Z",
  };
  const path = await machine.write(
    `.claude/projects/-home-me-shop/${idOf(index)}.jsonl`,
    `${JSON.stringify({ ...head, message })}\n`,
  );
  const time = Date.now() / 1000 - daysAgo * DAY_S;
  await utimes(path, time, time);
  return path;
}

async function stored(server: TestServer) {
  return SessionPage.parse(await (await server.api("sessions?limit=500")).json()).entries;
}

/** The sessions whose bytes went over the wire, in this order. */
function uploaded(proxy: CountingProxy): string[] {
  return proxy.uploads.map(({ path }) => path.split("/").at(-1) ?? "");
}

describe("memory-sync rescue", () => {
  it("sends every transcript without any manifest, those first that go first", async () => {
    await using scene = await fixture();
    const { server, proxy, machine } = scene;
    for (const [index, daysAgo] of [1, 29, 12, 40].entries()) await session(machine, index, daysAgo);

    const look = await machine.run(["rescue", "--dry-run"]);
    const before = await stored(server);
    const { code, stdout, stderr } = await machine.run(["rescue"]);

    expect(look).toMatchObject({ code: 0, stderr: "" });
    expect(look.stdout).toContain("4 transcripts");
    expect(before).toEqual([]);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("4 transcripts") });
    expect(stderr).toContain("The first may go at any moment");
    expect(stdout).toContain('"cleanupPeriodDays": 3650');
    expect(uploaded(proxy)).toEqual([3, 1, 2, 0].map(idOf));
    expect(await stored(server)).toHaveLength(4);
  });

  it("goes on where it was killed, and sends nothing twice", async () => {
    await using scene = await fixture();
    const { server, proxy, machine } = scene;
    const files = 60;
    for (let index = 0; index < files; index += 1) await session(machine, index, 20 - index / files);
    const first = machine.start(["rescue"]);
    await vi.waitFor(() => expect(proxy.uploads.length).toBeGreaterThan(30), { timeout: 20_000 });
    first.kill("SIGKILL");
    await once(first, "close");

    const { code, stdout } = await machine.run(["rescue", "--json"]);
    const { report } = Rescued.parse(JSON.parse(stdout));
    const third = Rescued.parse(JSON.parse((await machine.run(["rescue", "--json"])).stdout));

    expect(code).toBe(0);
    expect(third.to_send.files).toBe(0);
    expect(Object.values(report.sessions).reduce((sum, count) => sum + count)).toBe(files);
    expect(report.sessions["unchanged"]).toBeGreaterThan(0);
    const held = await stored(server);
    expect(held.map(({ session_id: id }) => id).toSorted()).toEqual(
      Array.from({ length: files }, (_, index) => idOf(index)),
    );
    expect(held.every(({ revision }) => revision === 1)).toBe(true);
  });

  it("keeps what failed for later, and takes what waits in its turn", async () => {
    await using scene = await fixture();
    const { server, proxy, machine } = scene;
    for (const [index, daysAgo] of [1, 29].entries()) await session(machine, index, daysAgo);
    proxy.intervene = ({ url = "", method }) =>
      method === "PUT" && url.endsWith(idOf(1)) ? { status: 503, body: "{}" } : undefined;

    const failed = await machine.run(["rescue"]);
    const waiting = await machine.box("new");
    proxy.intervene = () => undefined;
    proxy.reset();
    await session(machine, 2, 5);
    const again = await machine.run(["rescue"]);

    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain("Failed           1 transcript");
    expect(waiting).toHaveLength(1);
    expect(again.code).toBe(0);
    expect(uploaded(proxy)).toEqual([1, 2].map(idOf));
    expect(await stored(server)).toHaveLength(3);
    expect(await machine.box("new")).toEqual([]);
  });

  it.skipIf(TERMINAL === undefined)("asks a person once, and shows how far it is", async () => {
    await using scene = await fixture();
    const { server, proxy, machine } = scene;
    for (const [index, daysAgo] of [1, 29].entries()) await session(machine, index, daysAgo);
    const command = `"${process.execPath}" "${MAIN}" rescue`;
    const question = ` B, to ${proxy.url}? [Y/n] `;

    const refused = await atTerminal(machine, command, { [question]: "n" });
    const before = await stored(server);
    const wanted = await atTerminal(machine, command, { [question]: "" });
    const again = await atTerminal(machine, command, {});

    expect([refused.code, wanted.code, again.code]).toEqual([1, 0, 0]);
    expect(refused.screen).toMatch(/Send 2 transcripts, \d+ B[^]*Nothing was sent\./);
    expect(before).toEqual([]);
    expect(wanted.screen).toMatch(/\[#+ *\] \d+ B\/\d+ B/);
    expect(again.screen).not.toContain("[Y/n]");
    expect(await stored(server)).toHaveLength(2);
  });

  it("tells how far it is within a file too", async () => {
    await using scene = await fixture();
    const { proxy, machine } = scene;
    const sizeBytes = 2_000_000;
    const path = await session(machine, 0, 1);
    await appendFile(
      path,
      `${JSON.stringify({ type: "system", text: randomBytes(sizeBytes / 2).toString("hex") })}\n`,
    );
    const environment = environmentOf({
      ...machine.env,
      MEMORY_SYNC_HOME: machine.path("own"),
      CLAUDE_CONFIG_DIR: machine.path(".claude"),
      CODEX_HOME: machine.path(".codex"),
    });
    const surroundings = { environment, config: await readConfig(environment) };
    const feeder = new Feeder(proxy.url, { secret: machine.env["SYNC_TOKEN"] ?? "", place: "SYNC_TOKEN" });
    const done: number[] = [];

    const plan = await planRescue(surroundings, { sinceMs: 0 });
    const report = await performRescue({ ...surroundings, feeder }, plan, (step) =>
      done.push(step.doneBytes),
    );

    expect(report.sessions).toMatchObject({ created: 1 });
    expect(done[0]).toBe(0);
    expect(done).toEqual(done.toSorted((one, other) => one - other));
    expect(done.filter((bytes) => bytes > 0 && bytes < sizeBytes).length).toBeGreaterThan(3);
    expect(done.at(-1)).toBe(plan.census.to_send.bytes);
  });

  it("leaves out what was written before --since", async () => {
    await using scene = await fixture();
    const { server, machine } = scene;
    for (const [index, daysAgo] of [1, 29].entries()) await session(machine, index, daysAgo);

    const { code } = await machine.run(["rescue", "--since", "7d"]);
    const wrong = await machine.run(["rescue", "--since", "yesterday"]);

    expect(code).toBe(0);
    expect((await stored(server)).map(({ session_id: id }) => id)).toEqual([idOf(0)]);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain("--since: not a date");
  });

  it("says that the server cannot be reached, and loses nothing", async () => {
    await using scene = await fixture();
    const { machine } = scene;
    await session(machine, 0, 29);

    const { code } = await machine.run(["rescue", "--url", "http://127.0.0.1:1"]);

    expect(code).toBe(4);
    expect(await machine.box("new")).toHaveLength(1);
  });
});
