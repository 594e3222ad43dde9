import { writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { Calls } from "../../client/mcp/calls.ts";
import { OwnWorkspace } from "../../client/mcp/own-workspace.ts";
import { Patience } from "../../client/mcp/patience.ts";
import { ChangeLock, LOCK_NAME } from "../../client/memories/change-lock.ts";
import { environmentOf } from "../../client/home/home.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { AiRegistration, WhoAmI } from "../../contract/wire.ts";
import { tempFolder } from "../support/temp-folder.ts";

describe("Calls", () => {
  it("has as many under way as may be, and the next once one has ended", async () => {
    const calls = new Calls();
    const ends: (() => void)[] = [];
    const work = () => new Promise<void>((resolve) => ends.push(resolve));
    for (let id = 0; id < LIMITS.client.mcpCalls; id += 1) await calls.start(id, work);

    const next = calls.start("next", work);
    await new Promise(setImmediate);
    const under = ends.length;
    ends[3]?.();
    await next;

    expect(under).toBe(LIMITS.client.mcpCalls);
    expect(ends).toHaveLength(LIMITS.client.mcpCalls + 1);
    for (const end of ends) end();
    await calls.settled();
  });

  it('tells the ids 1 and "1" apart', async () => {
    const calls = new Calls();
    const ended: string[] = [];
    const until = (name: string) => (cancel: AbortSignal) =>
      new Promise<void>((resolve) => {
        cancel.addEventListener("abort", () => {
          ended.push(name);
          resolve();
        });
      });
    await calls.start(1, until("number"));
    await calls.start("1", until("text"));

    calls.cancel("1");
    await new Promise(setImmediate);
    const first = [...ended];
    calls.cancelAll();
    await calls.settled();

    expect([first, ended]).toEqual([["text"], ["text", "number"]]);
  });
});

describe("Patience", () => {
  it("ends when nothing was heard for as long as it lasts, and not before", () => {
    vi.useFakeTimers();
    try {
      using patience = new Patience(new AbortController().signal, LIMITS.client.mcpAnswerMs);

      vi.advanceTimersByTime(LIMITS.client.mcpAnswerMs - 1);
      patience.heard();
      vi.advanceTimersByTime(LIMITS.client.mcpAnswerMs - 1);
      const before = patience.signal.aborted;
      vi.advanceTimersByTime(1);

      expect(before).toBe(false);
      expect(patience.signal.reason).toMatchObject({ name: "TimeoutError" });
    } finally {
      vi.useRealTimers();
    }
  });

  it("ends with what it is to be cancelled by", () => {
    const cancel = new AbortController();
    using patience = new Patience(cancel.signal, LIMITS.client.mcpAnswerMs);

    cancel.abort(new Error("enough"));

    expect(patience.signal.reason).toEqual(new Error("enough"));
  });
});

describe("the lock of a memory", () => {
  it("is waited for in vain while another program holds it", async () => {
    await using folder = await tempFolder();
    await writeFile(join(folder.path, LOCK_NAME), `${process.pid} ${hostname()} other`);

    const refused = new ChangeLock(folder.path).hold(() => Promise.resolve(1), 50);

    await expect(refused).rejects.toMatchObject({
      code: "unavailable",
      message: "Another program is changing this memory",
    });
  });
});

/** A server that gives bindings of this life. */
class Bindings {
  given = 0;
  failure: Error | undefined;
  readonly #lifeMs: number;

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
  }

  whoAmI(): Promise<WhoAmI> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const who = { server: "s", version: "1", name: "n", workspaces: ["*"], time: new Date().toISOString() };
    return Promise.resolve({ ...who, role: "ai" });
  }

  register(): Promise<AiRegistration> {
    this.given += 1;
    const expires_at = new Date(Date.now() + this.#lifeMs).toISOString();
    return Promise.resolve({ workspace_id: "a-b-c", created: false, binding: `${this.given}`, expires_at });
  }
}

function ownOf(server: Bindings): OwnWorkspace {
  const { home, userHome } = environmentOf({ MEMORY_SYNC_HOME: "/nowhere" });
  const here = { home, userHome, machine: "m", cwd: "/", tool: "t", project: "p" };
  return new OwnWorkspace(server, here, () => {});
}

describe("a binding that is kept", () => {
  it.each([
    ["has more than an hour to go", LIMITS.client.bindingRenewMs + 60_000, ["1", "1", "1"]],
    ["has less", LIMITS.client.bindingRenewMs - 60_000, ["2", "3", "4"]],
  ])("is shown again where it %s", async (_, lifeMs, expected) => {
    const own = ownOf(new Bindings(lifeMs));

    expect([await own.proof(), await own.proof(), await own.proof()]).toEqual(expected);
  });

  it("is asked for once by several calls at once, and renewed once", async () => {
    const server = new Bindings(24 * LIMITS.client.bindingRenewMs);
    const own = ownOf(server);

    const first = await Promise.all([own.proof(), own.proof(), own.proof()]);
    const renewed = await Promise.all([own.renew("1"), own.renew("1"), own.renew("1")]);

    expect([first, renewed, server.given]).toEqual([["1", "1", "1"], ["2", "2", "2"], 2]);
  });

  it("is asked for again after the server was away", async () => {
    const server = new Bindings(24 * LIMITS.client.bindingRenewMs);
    const own = ownOf(server);
    server.failure = new Error("away");

    await expect(own.proof()).rejects.toThrow("away");
    server.failure = undefined;

    expect(await own.proof()).toBe("1");
  });
});
