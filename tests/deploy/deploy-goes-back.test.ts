import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { remember, versionOf } from "../support/deployed.ts";
import { InstalledServer } from "../support/installed-server.ts";

/** deploy.sh with releases that do not serve: a file of its own, for each is waited for. */

const MINUTES = 60_000;
const STOPPED = "It was stopped before the new version had answered";

describe("deploy.sh with a release that does not serve", { timeout: MINUTES }, () => {
  let server: InstalledServer;
  let read: () => Promise<string>;

  beforeAll(async () => {
    server = await InstalledServer.start("1.0.0");
    read = await remember(server);
  }, MINUTES);
  afterAll(() => server[Symbol.asyncDispose]());

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

  it("can be killed: the next one finds out whether its version serves, and goes back", async () => {
    const release = await server.release("1.0.10", { broken: "setInterval(() => {}, 1000);" });
    const pid = await server.pid();
    const script = server.begin("deploy.sh", [release, "--no-backup"]);
    script.stderr.resume();
    const ended = once(script, "exit");
    await vi.waitFor(async () => expect(["", pid]).not.toContain(await server.pid()), 30_000);
    script.kill("SIGKILL");
    await ended;

    const { code, stderr } = await server.run("deploy.sh", [first(server)]);

    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("It does not serve: goes back"),
    });
    expect(stderr).toContain("runs already");
    expect(await versionOf(server)).toBe("1.0.0");
    expect(await read()).toBe("never lose this\n");
  });

  it("can be killed while it tries a release, whose server ends with it", async () => {
    const main = `import { writeFileSync } from "node:fs";
      writeFileSync(${JSON.stringify(join(server.root, "tried"))}, String(process.pid));
      setInterval(() => {}, 1000);`;
    const script = server.begin("deploy.sh", [await server.release("1.0.11", { main })]);
    script.stderr.resume();
    const ended = once(script, "exit");
    const tried = await vi.waitFor(
      async () =>
        z.coerce
          .number()
          .min(1)
          .parse(await readFile(join(server.root, "tried"), "utf8")),
      30_000,
    );
    script.kill("SIGKILL");
    await ended;

    await vi.waitFor(() => expect(() => process.kill(tried, 0)).toThrow("ESRCH"), 10_000);
    const { code, stderr } = await server.run("deploy.sh", [first(server)]);

    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("runs already") });
  });

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

/** The release that was installed. */
function first({ folder }: InstalledServer): string {
  return join(folder, "federated-memory-1.0.0-linux-test.tar.gz");
}
