import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../server/config.ts";
import { ENV, HTTPS, install, installedFiles } from "../support/install-scripts.ts";
import { IDLE_SERVER, makeRelease } from "../support/release.ts";
import { finished } from "../support/run-program.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { tool } from "../support/tool.ts";

/** install.sh for real, below a folder that stands for the machine: all but packages, accounts, owners and systemd. */

const DEPLOY = join(import.meta.dirname, "../../deploy");
const NGINX = tool("nginx", "nginx");

describe("install.sh", () => {
  const stack = new AsyncDisposableStack();
  let release: string;

  beforeAll(async () => {
    release = await makeRelease(stack.use(await tempFolder()).path, { version: "1.0.0", main: IDLE_SERVER });
  });
  afterAll(() => stack.disposeAsync());

  it("installs all that the server needs, and says what comes next without saying a secret", async () => {
    await using machine = await tempFolder();

    const { code, stdout, stderr } = await install(machine.path, [...HTTPS, "--release", release]);
    const settings = await readFile(join(machine.path, ENV), "utf8");
    const tokens = [...settings.matchAll(/_TOKEN=([0-9a-f]{64})$/gm)].map(([, token = ""]) => token);

    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(new Set(tokens).size).toBe(2);
    for (const token of tokens) expect(stdout + stderr).not.toContain(token);
    expect(stdout).toContain("federated-memory join --machine laptop");
    expect(stderr).toContain("ufw allow 7443/tcp");
    expect(stderr).toContain("ufw allow from 192.168.0.0/16 to any port 7444 proto tcp");
    expect(stderr).toContain("NODE_EXTRA_CA_CERTS");
    expect(installedFiles(machine.path)).toEqual([
      "/etc/fail2ban/filter.d/federated-memory.conf",
      "/etc/fail2ban/jail.d/federated-memory.conf",
      "/etc/federated-memory/tls/cert.pem",
      "/etc/federated-memory/tls/key.pem",
      "/etc/nginx/conf.d/federated-memory.conf",
      "/etc/nginx/sites-available/federated-memory-lan",
      "/etc/nginx/sites-available/federated-memory-tls",
      "/etc/nginx/sites-enabled/federated-memory-lan",
      "/etc/nginx/sites-enabled/federated-memory-tls",
      "/etc/nginx/snippets/federated-memory-headers.conf",
      "/etc/nginx/snippets/federated-memory.conf",
      "/etc/systemd/system/federated-memory-backup.service",
      "/etc/systemd/system/federated-memory-backup.timer",
      "/etc/systemd/system/federated-memory.service",
      "/usr/local/bin/federated-memory",
    ]);
  });

  it("makes files that nobody reads who should not, and leaves no gap in them", async () => {
    await using machine = await tempFolder();

    await install(machine.path, [...HTTPS, "--release", release]);
    const texts = await Promise.all(
      installedFiles(machine.path).map((path) => readFile(join(machine.path, path), "utf8")),
    );

    expect(
      await modesOf(machine.path, [ENV, "etc/federated-memory/tls/key.pem", "var/lib/federated-memory"]),
    ).toEqual([0o600, 0o600, 0o700]);
    expect(texts.filter((text) => /@[A-Z_]+@/.test(text))).toEqual([]);
  });

  it("makes settings that the server starts with", async () => {
    await using machine = await tempFolder();
    await install(machine.path, [...HTTPS, "--release", release, "--port-https", "443", "--port", "8123"]);

    const settings = await readFile(join(machine.path, ENV), "utf8");
    const unit = await readFile(join(machine.path, "etc/systemd/system/federated-memory.service"), "utf8");
    const config = readConfig({ dev: false }, { ...assignments(unit), ...variables(settings) });

    expect(config).toMatchObject({
      host: "127.0.0.1",
      port: 8123,
      memoryRoot: "/var/lib/federated-memory",
      publicUrl: "https://memory.example",
      trustProxy: true,
    });
    expect(config.allowedHosts).toContain("memory.example");
    expect(unit).toContain("SocketBindAllow=tcp:8123\n");
  });

  it("may be run again: what it was told is remembered, and tokens, certificate and data stay", async () => {
    await using machine = await tempFolder();
    await install(machine.path, [...HTTPS, "--release", release]);
    const kept = [ENV, "etc/federated-memory/tls/cert.pem", "etc/federated-memory/tls/key.pem"];
    const before = await Promise.all(kept.map((path) => readFile(join(machine.path, path), "utf8")));

    const { code, stderr } = await install(machine.path, []);

    expect(code).toBe(0);
    expect(stderr).not.toContain("  writes ");
    expect(await Promise.all(kept.map((path) => readFile(join(machine.path, path), "utf8")))).toEqual(before);
  });

  it("closes a file that others can read though its text is right, and says so", async () => {
    await using machine = await tempFolder();
    await install(machine.path, [...HTTPS, "--release", release]);
    await chmod(join(machine.path, ENV), 0o644);

    const shown = await install(machine.path, ["--dry-run"]);
    const open = await modesOf(machine.path, [ENV]);
    const { code, stderr } = await install(machine.path, []);

    expect([shown.code, open]).toEqual([0, [0o644]]);
    expect(code).toBe(0);
    expect(stderr).toContain(`mode 0600 /${ENV}, which had 0644`);
    expect(await modesOf(machine.path, [ENV])).toEqual([0o600]);
  });

  it("takes back what is not wanted any more, and keeps the tokens", async () => {
    await using machine = await tempFolder();
    await install(machine.path, [...HTTPS, "--release", release]);
    const before = variables(await readFile(join(machine.path, ENV), "utf8"));

    await install(machine.path, ["--no-tls"]);
    const after = variables(await readFile(join(machine.path, ENV), "utf8"));
    const lan = await readFile(join(machine.path, "etc/nginx/sites-enabled/federated-memory-lan"), "utf8");

    expect(after["MCP_TOKEN"]).toBe(before["MCP_TOKEN"]);
    expect(after["PUBLIC_URL"]).toBe("");
    expect(await readdir(join(machine.path, "etc/nginx/sites-enabled"))).toEqual(["federated-memory-lan"]);
    expect(lan).toMatch(/listen 127\.0\.0\.1:7444;/);
    expect(lan).not.toMatch(/listen (7444|\[::\])/);
  });

  it.skipIf(NGINX === undefined)("makes files that nginx takes", async () => {
    await using machine = await tempFolder();
    await install(machine.path, [...HTTPS, "--release", release]);
    const nginx = join(machine.path, "etc/nginx");
    await mkdir(join(machine.path, "var/log/nginx"), { recursive: true });
    // Paths that are absolute lie below the folder here; the others go by the place of nginx.conf.
    for (const path of globSync("**/federated-memory*", { cwd: nginx, withFileTypes: true }))
      if (path.isFile()) await below(join(path.parentPath, path.name), machine.path);
    const include = "include conf.d/*.conf;\n  include sites-enabled/*;";
    await writeFile(join(nginx, "nginx.conf"), `pid nginx.pid;\nevents {}\nhttp {\n  ${include}\n}\n`);

    const args = ["-t", "-p", machine.path, "-c", join(nginx, "nginx.conf")];
    const { code, stderr } = await finished(spawn(NGINX ?? "", args, { stdio: "pipe" }));

    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("test is successful") });
    expect(stderr).not.toContain("[warn]");
  });

  it("shows with --dry-run what it would do, and does none of it", async () => {
    await using machine = await tempFolder();

    const { code, stderr } = await install(machine.path, [...HTTPS, "--release", release, "--dry-run"]);

    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toContain("writes    /etc/systemd/system/federated-memory.service");
    expect(await readdir(machine.path)).toEqual([]);
  });

  it("asks Let's Encrypt by a name's proof on port 80", async () => {
    const args = [
      "--domain",
      "memory.example",
      "--email",
      "me@example.org",
      "--release",
      release,
      "--dry-run",
    ];

    const { code, stderr } = await finished(
      spawn("bash", [join(DEPLOY, "install.sh"), ...args], { stdio: "pipe" }),
    );

    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toMatch(
      /^\+ certbot certonly --webroot .*--domain memory\.example --email me@example\.org/m,
    );
    expect(stderr).toContain("writes    /etc/nginx/sites-available/federated-memory-acme");
    expect(stderr).toContain("ufw allow 80/tcp");
    expect(stderr.indexOf("certbot certonly")).toBeLessThan(
      stderr.indexOf("sites-available/federated-memory-tls"),
    );
  });

  it.each([
    [[], 2, "--domain NAME"],
    [["--domain", "a.example", "--no-tls"], 2, "--domain NAME"],
    [["--domain", "a.example; rm -rf /"], 1, "Not a host name"],
    [["--self-signed", ""], 1, "Not a host name"],
    [["--no-tls", "--port", "99999"], 1, "Not a port"],
    [["--no-nginx", "--lan"], 1, "Without nginx"],
    [["--no-nginx", "--public-url", "https://a b"], 1, "Not an http(s) URL"],
    [["--no-tls", "--release", "/no/such.tar.gz"], 1, "There is no release"],
  ])("refuses %j", async (args, expected, said) => {
    await using machine = await tempFolder();

    const { code, stderr } = await install(machine.path, args);

    expect({ code, stderr }).toEqual({ code: expected, stderr: expect.stringContaining(said) });
    expect(installedFiles(machine.path)).toEqual([]);
  });
});

function modesOf(root: string, paths: readonly string[]): Promise<number[]> {
  return Promise.all(paths.map(async (path) => (await stat(join(root, path))).mode & 0o777));
}

function variables(settings: string): Record<string, string> {
  return Object.fromEntries(
    settings.matchAll(/^([A-Z_]+)=(.*)$/gm).map(([, name = "", value = ""]) => [name, value]),
  );
}

/** What `Environment=` of a unit says. */
function assignments(unit: string): Record<string, string> {
  const line = /^Environment=(.*)$/m.exec(unit)?.[1] ?? "";
  return variables(line.replaceAll(" ", "\n"));
}

async function below(path: string, root: string): Promise<void> {
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replaceAll(/(\/etc\/federated-memory|\/var\/log\/nginx)/g, `${root}$1`));
}
