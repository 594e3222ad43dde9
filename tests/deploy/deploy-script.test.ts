import { once } from "node:events";
import { globSync } from "node:fs";
import { mkdir, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { SyncRegistration } from "../../contract/wire.ts";
import { InstalledServer } from "../support/installed-server.ts";

/** deploy.sh for real: real releases, real servers, a stand-in for systemd that starts and ends them. */

const MINUTES = 60_000;
const STOPPED = "It was stopped before the new version had answered";
const BACKUPS = "var/backups/federated-memory";

describe("deploy.sh with a good release", { timeout: 2 * MINUTES }, () => {
  it("brings a new version, keeps those before it, a backup, and everything that was stored", async () => {
    await using server = await InstalledServer.start("1.0.0");
    const read = await remember(server);
    const releases = join(server.root, "opt/federated-memory/releases");
    for (const [at, version] of ["0.8.0", "0.9.0"].entries()) {
      await mkdir(join(releases, version));
      await utimes(join(releases, version), at, at);
    }

    const { code, stderr } = await server.run("deploy.sh", [await server.release("1.1.0")]);

    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(await versionOf(server)).toBe("1.1.0");
    expect(await read()).toBe("never lose this\n");
    expect([await server.linked("current"), await server.linked("previous")]).toEqual(["1.1.0", "1.0.0"]);
    expect((await readdir(releases)).map((name) => name.slice(0, 5)).sort()).toEqual([
      "0.9.0",
      "1.0.0",
      "1.1.0",
    ]);
    expect(globSync(`${BACKUPS}/*/workspaces/*/knowledge/kept.md`, { cwd: server.root })).toHaveLength(1);
  });
});

describe("deploy.sh with a release that must not run", { timeout: MINUTES }, () => {
  let server: InstalledServer;
  let read: () => Promise<string>;

  beforeAll(async () => {
    server = await InstalledServer.start("1.0.0");
    read = await remember(server);
  }, MINUTES);
  afterAll(() => server[Symbol.asyncDispose]());

  it("does nothing when it runs already", async () => {
    const pid = await server.pid();

    const { code, stderr } = await server.run("deploy.sh", [
      join(server.folder, "federated-memory-1.0.0-linux-test.tar.gz"),
    ]);

    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("runs already") });
    expect(await server.pid()).toBe(pid);
  });

  it("refuses what is not the release that its digest names", async () => {
    const release = await server.release("1.0.1");
    await writeFile(`${release}.sha256`, `${"0".repeat(64)}  federated-memory-1.0.1-linux-test.tar.gz\n`);

    const { code, stderr } = await server.run("deploy.sh", [release]);

    expect(code).toBe(1);
    expect(stderr).toContain("is not what its .sha256 says");
    expect(await readdir(join(server.root, "opt/federated-memory/releases"))).toHaveLength(1);
  });

  it("does not touch the old version when the new one cannot even be tried", async () => {
    const pid = await server.pid();
    const release = await server.release("1.0.2", { main: "this is no TypeScript at all {" });

    const { code, stderr } = await server.run("deploy.sh", [release]);

    expect(code).toBe(1);
    expect(stderr).toContain("the old one was not touched");
    expect(stderr).toContain("SyntaxError");
    expect([await server.pid(), await versionOf(server)]).toEqual([pid, "1.0.0"]);
  });

  it("does not switch when the backup fails", async () => {
    const pid = await server.pid();
    const backups = join(server.root, BACKUPS);
    await rm(backups, { recursive: true });
    await writeFile(backups, "no folder");

    const { code, stderr } = await server.run("deploy.sh", [await server.release("1.0.3")]);

    expect(code).toBe(1);
    expect(stderr).toContain("nothing was switched");
    expect([await server.pid(), await versionOf(server)]).toEqual([pid, "1.0.0"]);
  });

  it.each([
    ["ends at once on the real data", "1.0.4", "process.exitCode = 1;"],
    ["never becomes ready", "1.0.5", "setInterval(() => {}, 1000);"],
    [
      "is ready and answers nonsense",
      "1.0.6",
      `const { createServer } = await import("node:http");
       createServer((_request, response) => response.end('{"status":"ok"}')).listen(Number(process.env.PORT), "127.0.0.1");`,
    ],
  ])("goes back by itself when the new version %s", async (_what, version, broken) => {
    const release = await server.release(version, { broken });

    const { code, stderr } = await server.run("deploy.sh", [release, "--no-backup"]);

    expect(code).toBe(1);
    expect(stderr).toContain("The old version serves again");
    expect(await versionOf(server)).toBe("1.0.0");
    expect(await read()).toBe("never lose this\n");
    expect(await server.linked("current")).toBe("1.0.0");
  });

  it.each([
    ["the line to it is cut", "1.0.7", "SIGHUP", ""],
    ["somebody presses Ctrl-C", "1.0.8", "SIGINT", STOPPED],
    ["it is ended", "1.0.9", "SIGTERM", STOPPED],
  ] as const)(
    "goes back when %s while it waits for the new version, whether anybody listens or not",
    async (_what, version, signal, heard) => {
      const release = await server.release(version, { broken: "setInterval(() => {}, 1000);" });
      const pid = await server.pid();

      const script = server.begin("deploy.sh", [release, "--no-backup"]);
      const said: Buffer[] = [];
      script.stderr.on("data", (chunk: Buffer) => said.push(chunk));
      const ended = once(script, "exit");
      await vi.waitFor(async () => expect(["", pid]).not.toContain(await server.pid()), 30_000);
      if (signal === "SIGHUP") script.stderr.destroy();
      script.kill(signal);
      const [code] = await ended;
      const stderr = Buffer.concat(said).toString();

      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(heard) });
      expect(await versionOf(server)).toBe("1.0.0");
      expect(await read()).toBe("never lose this\n");
      expect(await server.linked("current")).toBe("1.0.0");
    },
  );

  // The last one: afterwards this machine has no server that serves.
  it("does not go back when the data has another format now, and says what to do", async () => {
    const broken = `const { writeFileSync } = await import("node:fs");
      writeFileSync(process.env.MEMORY_ROOT + "/_meta/format.json", '{"format": 2}');
      process.exitCode = 1;`;

    const { code, stderr } = await server.run("deploy.sh", [
      await server.release("2.0.0", { broken }),
      "--no-backup",
    ]);

    expect(code).toBe(1);
    expect(stderr).toContain("nothing was rolled back");
    expect(stderr).toContain("federated-memory restore");
    expect(await server.linked("current")).toBe("2.0.0");
  });
});

/** Stores a file; answers how to read it back. */
async function remember(server: InstalledServer): Promise<() => Promise<string>> {
  const authorization = `Bearer ${await server.setting("SYNC_TOKEN")}`;
  const registered = await fetch(`${server.url}/api/v1/workspaces`, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify({ machine: "laptop", tool: "claude-code", project: "webshop" }),
  });
  const { workspace_id: id, write_token: token = "" } = SyncRegistration.parse(await registered.json());
  const file = `${server.url}/api/v1/workspaces/${id}/knowledge/kept.md`;
  await fetch(file, {
    method: "PUT",
    headers: { authorization, "x-workspace-token": token },
    body: "never lose this\n",
  });
  return async () => {
    const answer = await fetch(file, { headers: { authorization } });
    return answer.text();
  };
}

async function versionOf(server: InstalledServer): Promise<string> {
  const authorization = `Bearer ${await server.setting("MCP_TOKEN")}`;
  const answer = await fetch(`${server.url}/api/v1/whoami`, { headers: { authorization } });
  return z.object({ version: z.string() }).parse(await answer.json()).version;
}
