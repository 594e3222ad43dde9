import { globSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENV, HTTPS, install, installedFiles, uninstall } from "../support/install-scripts.ts";
import { IDLE_SERVER, makeRelease } from "../support/release.ts";
import { tempFolder } from "../support/temp-folder.ts";

const KEEPSAKES = ["var/lib/federated-memory/README.md", "var/backups/federated-memory/one"];

describe("uninstall.sh", () => {
  const stack = new AsyncDisposableStack();
  let release: string;

  beforeAll(async () => {
    release = await makeRelease(stack.use(await tempFolder()).path, { version: "1.0.0", main: IDLE_SERVER });
  });
  afterAll(() => stack.disposeAsync());

  it("removes the program and its files, and keeps data, backups, tokens and certificate", async () => {
    await using machine = await tempFolder();
    await install(machine.path, [...HTTPS, "--release", release]);
    await keepsakes(machine.path);

    const { code, stderr } = await uninstall(machine.path, []);

    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(installedFiles(machine.path)).toEqual([
      "/etc/federated-memory/tls/cert.pem",
      "/etc/federated-memory/tls/key.pem",
    ]);
    expect(await readdir(join(machine.path, "opt/federated-memory"))).toEqual([".env", ".install-options"]);
    for (const path of KEEPSAKES) expect(await readFile(join(machine.path, path), "utf8")).toBe("dear to me");
  });

  it("gives all of it back to a new install", async () => {
    await using machine = await tempFolder();
    await install(machine.path, [...HTTPS, "--release", release]);
    const before = await readFile(join(machine.path, ENV), "utf8");
    await uninstall(machine.path, []);

    const { code } = await install(machine.path, ["--release", release]);

    expect(code).toBe(0);
    expect(await readFile(join(machine.path, ENV), "utf8")).toBe(before);
    expect(await readdir(join(machine.path, "etc/nginx/sites-enabled"))).toHaveLength(2);
  });

  it.each(["", "yes\n", "/var/lib\n"])("removes no data when %j is typed", async (typed) => {
    await using machine = await tempFolder();
    await keepsakes(machine.path);

    const { code } = await uninstall(machine.path, ["--purge-data"], typed);

    expect(code).toBe(1);
    for (const path of KEEPSAKES) expect(await readFile(join(machine.path, path), "utf8")).toBe("dear to me");
  });

  it("removes everything when the name of the folder is typed", async () => {
    await using machine = await tempFolder();
    await install(machine.path, [...HTTPS, "--release", release]);
    await keepsakes(machine.path);

    const { code } = await uninstall(machine.path, ["--purge-data"], "/var/lib/federated-memory\n");

    expect(code).toBe(0);
    expect(globSync("**/*federated*", { cwd: machine.path })).toEqual([]);
  });
});

async function keepsakes(root: string): Promise<void> {
  for (const path of KEEPSAKES) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), "dear to me");
  }
}
