import { spawn } from "node:child_process";
import { once } from "node:events";
import { IncomingMessage, request } from "node:http";
import { connect, createServer, type Server } from "node:net";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { childEnv } from "../support/child-env.ts";
import { runProgram as run } from "../support/run-program.ts";
import { ServerProcess } from "../support/server-process.ts";
import { AI_TOKEN, SYNC_TOKEN } from "../support/server.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** The server as a program: what an owner sees when it starts, stops, or cannot; and the admin commands. */

const MAIN = join(import.meta.dirname, "../../server/main.ts");
const COMMAND = join(import.meta.dirname, "../../bin/federated-memory.mjs");
const DEV = join(import.meta.dirname, "../../scripts/dev.ts");

const environment = (root: string) => ({ MCP_TOKEN: AI_TOKEN, SYNC_TOKEN, MEMORY_ROOT: root, PORT: "0" });
const status = async (url: string, token: string) =>
  (await fetch(`${url}/api/v1/whoami`, { headers: { authorization: `Bearer ${token}` } })).status;

describe("starting", () => {
  it("names everything that is wrong with the environment at once, and exits 2", async () => {
    const { code, stderr } = await run([MAIN], { PORT: "eighty", HOST: "0.0.0.0", TRUST_PROXY: "maybe" });

    expect(code).toBe(2);
    expect(stderr).toContain("MCP_TOKEN");
    expect(stderr).toContain("PORT");
    expect(stderr).toContain("TRUST_PROXY");
    expect(stderr).not.toContain("    at ");
  });

  it("says so when the port is taken, and exits 1", async () => {
    await using folder = await tempFolder();
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const port = portOf(taken);

    const { code, stderr } = await run([MAIN], { ...environment(folder.path), PORT: String(port) });
    taken.close();

    expect(code).toBe(1);
    expect(stderr).toContain(`Port ${port} on 127.0.0.1 is already in use`);
  });

  it("refuses a second server on the same MEMORY_ROOT, which goes on as if nothing had been", async () => {
    await using folder = await tempFolder();
    await using first = await ServerProcess.start(folder.path);
    const before = await readFile(join(folder.path, "_meta/local-admin.json"), "utf8");

    const { code, stderr } = await run([MAIN], environment(folder.path));

    expect(code).toBe(1);
    expect(stderr).toContain("Another server is already running on this MEMORY_ROOT");
    expect(await readFile(join(folder.path, "_meta/local-admin.json"), "utf8")).toBe(before);
    expect(await status(first.url, AI_TOKEN)).toBe(200);
  });
});

describe("a MEMORY_ROOT that cannot be used", () => {
  it.each(["/etc/passwd", "/proc/nope/memory", "/dev/null/x"])("is explained: %s", async (root) => {
    const { code, stderr } = await run([MAIN], environment(root));

    expect(code).toBe(1);
    expect(stderr).toContain("MEMORY_ROOT cannot be used");
    expect(stderr).not.toContain("    at ");
  });

  it("is not blamed for the place of a backup", async () => {
    await using folder = await tempFolder();
    await using _server = await ServerProcess.start(folder.path);

    const { code, stderr } = await run([MAIN, "backup", "/dev/null/backups"], environment(folder.path));

    expect(code).toBe(1);
    expect(stderr).toContain("/dev/null/backups cannot be used: ENOTDIR\nIs the path right,");
    expect(stderr).not.toContain("MEMORY_ROOT");
  });

  it.skipIf(process.platform !== "linux")(
    "by its command, in one process, with an allocator that gives memory back, unless the owner wants another",
    async () => {
      await using folder = await tempFolder();
      const env = { ...environment(folder.path), MALLOC_ARENA_MAX: "3" };
      const child = spawn(process.execPath, [COMMAND], {
        env: childEnv(env),
        stdio: ["ignore", "pipe", "inherit"],
      });
      // Before that it knows no signals.
      for (let said = ""; !said.includes("listening");) said += String(await once(child.stdout, "data"));

      const settings = (await readFile(`/proc/${child.pid}/environ`, "utf8")).split("\0");
      child.kill("SIGTERM");
      const [code] = await once(child, "exit");

      expect(settings).toEqual(
        expect.arrayContaining([
          "MALLOC_ARENA_MAX=3",
          "MALLOC_MMAP_THRESHOLD_=16384",
          "MALLOC_TRIM_THRESHOLD_=131072",
        ]),
      );
      expect(code).toBe(0);
    },
  );

  it("is not made by an admin command", async () => {
    await using folder = await tempFolder();

    const { code, stderr } = await run([MAIN, "token", "list"], { MEMORY_ROOT: join(folder.path, "typo") });

    expect(code).toBe(1);
    expect(stderr).toContain("There is no folder");
    expect(await readdir(folder.path)).toEqual([]);
  });
});

describe("stopping", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "drains on %s and exits 0: what runs is finished",
    async (signal) => {
      await using folder = await tempFolder();
      await using server = await ServerProcess.start(folder.path);
      const slow = await beginRegistration(server.url);

      const stopped = server.stop(signal);
      await untilRefused(server.url);
      const answer = await slow.finish();

      expect(answer).toBe(201);
      expect(await stopped).toBe(0);
      expect(server.output).not.toContain("Error");
    },
  );
});

describe("npm start", () => {
  it("serves from the environment alone, and drains when npm is told to stop", async () => {
    await using folder = await tempFolder();
    const child = spawn("npm", ["start", "--silent"], {
      cwd: join(import.meta.dirname, "../.."),
      env: childEnv({ HOME: folder.path, ...environment(folder.path) }),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const url = await new Promise<string>((resolve) => {
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => {
        output += chunk.toString("utf8");
        const found = /"url":"(http:[^"]+)"/.exec(output)?.[1];
        if (found !== undefined) resolve(found);
      });
    });

    const served = await status(url, AI_TOKEN);
    child.kill("SIGTERM");
    await untilRefused(url);
    const freed = await untilFree(folder.path);

    expect([served, freed]).toEqual([200, true]);
  });
});

describe("the admin commands", () => {
  it("make, list and revoke tokens of the running server, without a restart", async () => {
    await using folder = await tempFolder();
    await using server = await ServerProcess.start(folder.path);
    const env = { MEMORY_ROOT: folder.path };

    const created = await run(
      [
        MAIN,
        "token",
        "create",
        "--role",
        "ai",
        "--name",
        "desk",
        "--workspaces",
        "desk-*",
        "--expires",
        "90d",
        "--json",
      ],
      env,
    );
    const { id, token } = JSON.parse(created.stdout);
    const used = await status(server.url, token);
    const listed = await run([MAIN, "token", "list"], env);
    const revoked = await run([MAIN, "token", "revoke", id], env);
    const after = await status(server.url, token);

    expect([created.code, listed.code, revoked.code]).toEqual([0, 0, 0]);
    expect([used, after]).toEqual([200, 401]);
    expect(listed.stdout).toContain("desk-*");
    expect(listed.stdout).not.toContain(token);
    expect(await readFile(join(folder.path, "_meta/tokens.json"), "utf8")).not.toContain(token);
    expect((await stat(join(folder.path, "_meta/tokens.json"))).mode & 0o777).toBe(0o600);
    expect(server.output).not.toContain(token);
  });

  it("work on the files when no server runs; the server then knows the tokens", async () => {
    await using folder = await tempFolder();
    const created = await run([MAIN, "token", "create", "--role", "sync", "--name", "cron", "--json"], {
      MEMORY_ROOT: folder.path,
    });
    const { token } = JSON.parse(created.stdout);

    await using server = await ServerProcess.start(folder.path);

    expect(await status(server.url, token)).toBe(200);
  });

  it("reissue a write token: the old one ends, the new one works", async () => {
    await using folder = await tempFolder();
    await using server = await ServerProcess.start(folder.path);
    const headers = { authorization: `Bearer ${SYNC_TOKEN}`, "content-type": "application/json" };
    const body = JSON.stringify({ machine: "laptop", tool: "codex", project: "x" });
    const registered = await fetch(`${server.url}/api/v1/workspaces`, { method: "POST", headers, body });
    const { workspace_id: id, write_token: old } = Object(await registered.json());
    const put = async (token: string) =>
      (
        await fetch(`${server.url}/api/v1/workspaces/${id}/knowledge/a.md`, {
          method: "PUT",
          headers: { authorization: `Bearer ${SYNC_TOKEN}`, "x-workspace-token": token },
          body: "a\n",
        })
      ).status;

    const { code, stdout } = await run([MAIN, "workspace", "reissue", id], { MEMORY_ROOT: folder.path });
    const fresh = stdout.split("\n")[0] ?? "";

    expect(code).toBe(0);
    expect(fresh).toMatch(/^fmwt_/);
    expect([await put(old), await put(fresh)]).toEqual([403, 201]);
  });

  it.each([
    [["token", "create", "--role", "king", "--name", "x"], "--role"],
    [["token", "create", "--role", "ai"], "--name"],
    [["token", "create", "--role", "ai", "--name", "x", "--expires", "yesterday"], "expires"],
    [["token", "create", "--role", "ai", "--name", "x", "--workspaces", "../.."], "workspaces"],
    [["token", "create", "--role", "ai", "--name", "x", "--workspaces", ""], "workspaces"],
    [["token", "revoke"], "Usage"],
    [["tokens"], 'No such command: "tokens"\nDid you mean "token"?\n'],
    [["zzzzzz"], "See federated-memory --help"],
    [["token", "list", "--sorted"], "--sorted"],
    [["status", "--sorted"], "--sorted"],
    [["status", "now"], "Usage"],
    [["reindex", "--all"], "--all"],
  ])("explain a wrong use and exit 2: %j", async (args, words) => {
    await using folder = await tempFolder();

    const { code, stderr } = await run([MAIN, ...args], { MEMORY_ROOT: folder.path });

    expect(code).toBe(2);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain("    at ");
  });
});

describe("help", () => {
  it.each([
    [["--help"], ["token create --role ai|sync|admin", "restore BACKUP", "COMMAND --help"], "--minutes N"],
    [["help"], ["token create --role ai|sync|admin", "join --machine NAME"], "--minutes N"],
    [["token", "create", "--help"], ["--writes PATTERNS", "token create --role ai|sync|admin"], "restore"],
    [["join", "--help"], ["--minutes N", "--read PATTERNS", "--url URL", "--expires WHEN"], "token create"],
    [["help", "join"], ["--minutes N"], "token create"],
    [["reindex", "-h"], ["federated-memory reindex"], "token create"],
    [["serve", "--help"], ["MCP_TOKEN", "PUBLIC_URL"], "token create"],
  ])(
    "is shown for %j: what belongs to it and nothing else, and nothing is done",
    async (args, words, other) => {
      await using folder = await tempFolder();

      const { code, stdout, stderr } = await run([MAIN, ...args], { MEMORY_ROOT: folder.path });

      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      for (const word of words) expect(stdout).toContain(word);
      expect(stdout).not.toContain(other);
      expect(await readdir(folder.path)).toEqual([]);
    },
  );

  it("names every option that a command takes", async () => {
    const folder = join(import.meta.dirname, "../../server/commands");
    for (const command of ["join", "token", "backup", "restore", "verify", "status"]) {
      const source = await readFile(join(folder, `${command}.ts`), "utf8");
      const options = [...source.matchAll(/(\w+): \{ type: "(?:string|boolean)"/g)].map(([, name]) => name);

      const { stdout } = await run([MAIN, command, "--help"], {});

      expect(options).not.toEqual([]);
      const lines = stdout.split("\n").filter((line) => line.startsWith("  "));
      for (const option of options)
        expect(
          lines.some((line) => line.startsWith(`  --${option} `)),
          `${command} --${option}`,
        ).toBe(true);
    }
  });
});

describe("the server for trying out", () => {
  it("refuses the data of a real server, which it would serve with tokens that everybody knows", async () => {
    await using folder = await tempFolder();
    const real = await ServerProcess.start(folder.path);
    await real[Symbol.asyncDispose]();
    const before = await readdir(folder.path);

    const { code, stderr } = await run([DEV], { MEMORY_ROOT: folder.path, PORT: "0" });

    expect(code).toBe(1);
    expect(stderr).toContain(`make run has not made ${folder.path}`);
    expect(await readdir(folder.path)).toEqual(before);
  });

  it.each([
    [{ HOST: "0.0.0.0", PUBLIC_URL: "http://192.168.1.5:8000" }, "it takes no HOST, PUBLIC_URL\n"],
    [{ ALLOWED_HOSTS: "192.168.1.5" }, "it takes no ALLOWED_HOSTS\n"],
  ])("refuses what is for other machines: %j", async (settings, words) => {
    await using folder = await tempFolder();

    const { code, stderr } = await run([DEV], {
      MEMORY_ROOT: join(folder.path, "data"),
      PORT: "0",
      ...settings,
    });

    expect(code).toBe(1);
    expect(stderr).toContain(words);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("prints how to connect and a curl that works, adds samples once, and keeps the data", async () => {
    await using folder = await tempFolder();
    const env = { MEMORY_ROOT: folder.path, PORT: "0", HOST: "localhost" };

    const first = await tryOut(env);
    const second = await tryOut(env);

    expect(first.printed).toContain("claude mcp add --scope user --transport http memory http://localhost:");
    expect(first.printed).toContain(
      `MEMORY_ROOT=${folder.path} bin/federated-memory.mjs join --machine laptop`,
    );
    expect(first.printed).toContain('bearer_token_env_var = "MCP_MEMORY_TOKEN"');
    expect(first.printed).toContain('default_tools_approval_mode = "approve"');
    expect(first.printed).toContain("two sample workspaces were added");
    expect(second.printed).not.toContain("two sample workspaces were added");
    for (const { answer, code } of [first, second]) {
      expect(answer).toContain("memory://demo-laptop-claude-code-webshop/sessions/");
      expect(code).toBe(0);
    }
  });

  /** Starts it, runs the printed curl's request, presses Ctrl-C. */
  async function tryOut(
    env: Record<string, string>,
  ): Promise<{ printed: string; answer: string; code: unknown }> {
    const child = spawn(process.execPath, [DEV], {
      env: childEnv(env),
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    await new Promise<void>((resolve) => {
      child.stdout.on("data", (chunk: Buffer) => {
        printed += chunk.toString("utf8");
        if (printed.includes("Ctrl-C")) resolve();
      });
    });
    const [, header = "", url = ""] = /curl -s -H "Authorization: ([^"]+)" "([^"]+)"/.exec(printed) ?? [];
    const answer = await (await fetch(url, { headers: { authorization: header } })).text();
    child.kill("SIGINT");
    const [code] = await once(child, "exit");
    return { printed, answer, code };
  }
});

/** A registration that the server is reading when this returns; `finish` sends the rest and gives the status. */
async function beginRegistration(url: string): Promise<{ finish(): Promise<number> }> {
  const { hostname, port } = new URL(url);
  const headers = {
    authorization: `Bearer ${AI_TOKEN}`,
    "content-type": "application/json",
    expect: "100-continue",
  };
  const sent = request({ hostname, port, path: "/api/v1/workspaces", method: "POST", headers });
  sent.flushHeaders();
  await once(sent, "continue");
  return {
    async finish() {
      const answered = once(sent, "response");
      sent.end('{"machine":"laptop","tool":"codex","project":"slow"}');
      const [response] = await answered;
      return response instanceof IncomingMessage ? (response.statusCode ?? 0) : 0;
    },
  };
}

/** Resolves when the server accepts no new connections any more. */
async function untilRefused(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  for (;;) {
    const socket = connect(Number(port), hostname);
    const accepted = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (!accepted) return;
    await sleep(20);
  }
}

/** Whether the lock of a MEMORY_ROOT is given up, waiting for it as long as the test may take. */
async function untilFree(root: string): Promise<boolean> {
  for (;;) {
    const { code } = await run([MAIN, "token", "list"], { MEMORY_ROOT: root });
    if (code === 0) return true;
    await sleep(100);
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}
