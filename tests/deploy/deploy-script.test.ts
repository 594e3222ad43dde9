import { globSync } from "node:fs";
import { mkdir, readdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { remember, versionOf } from "../support/deployed.ts";
import { InstalledServer } from "../support/installed-server.ts";

/** deploy.sh for real: real releases, real servers, a stand-in for systemd that starts and ends them. */

const MINUTES = 60_000;
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

  beforeAll(async () => {
    server = await InstalledServer.start("1.0.0");
  }, MINUTES);
  afterAll(() => server[Symbol.asyncDispose]());

  it("does nothing when it runs already", async () => {
    const pid = await server.pid();

    const { code, stderr } = await server.run("deploy.sh", [first(server)]);

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

  // The last one: it brings a new version.
  it("goes on, and says so, when the backup lacks something", async () => {
    await remember(server);
    const elsewhere = join(server.root, "elsewhere.md");
    await writeFile(elsewhere, "x");
    await rm(join(server.root, BACKUPS), { recursive: true, force: true });
    const [versions = ""] = globSync("var/lib/federated-memory/workspaces/*/.versions/knowledge", {
      cwd: server.root,
    });
    await symlink(elsewhere, join(server.root, versions, "linked.md"));

    const { code, stderr } = await server.run("deploy.sh", [await server.release("1.0.12")]);

    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("The backup was made, but"),
    });
    expect(await versionOf(server)).toBe("1.0.12");
  });
});

/** The release that was installed. */
function first({ folder }: InstalledServer): string {
  return join(folder, "federated-memory-1.0.0-linux-test.tar.gz");
}
