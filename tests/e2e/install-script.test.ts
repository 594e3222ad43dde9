import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { delimiter, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { finished, type Finished } from "../support/run-program.ts";
import type { HttpEdge } from "../support/http-edge.ts";
import { hostClient, programFolder, toldIn } from "../support/hosted-client.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { tool } from "../support/tool.ts";

/** `curl … | bash` for real, in a HOME of its own; the installed client is a stand-in that says what it was given. */

const SCRIPT = join(import.meta.dirname, "../../client/install.sh");
const AI = "canary-ai-0123456789";
const SYNC = "canary-sync-0123456789";
const JOIN = "fmjo_canarycanarycanarycanaryca";
/** The one node of this test goes first, wherever else one is. */
const PATH = [dirname(process.execPath), process.env["PATH"]].join(delimiter);

const SHELLCHECK = tool("shellcheck", "shellcheck");
const WGET = tool("wget", "wget");
/** Runs a command with a terminal of its own. */
const TERMINAL = tool("script", "bsdutils");

const urlOf = ({ port }: HttpEdge) => `http://127.0.0.1:${port}`;

function run(
  command: string,
  args: readonly string[],
  env: Record<string, string>,
  stdin = "",
): Promise<Finished> {
  return finished(spawn(command, [...args], { env: { PATH, ...env }, stdio: "pipe", detached: true }), stdin);
}

/** The line that a person pastes. */
function pasted(edge: HttpEdge, args: readonly string[], env: Record<string, string>): Promise<Finished> {
  const line = 'curl -fsSL "$URL/install.sh" | bash -s -- "$@"';
  return run("bash", ["-c", line, "bash", ...args], { URL: urlOf(edge), ...env });
}

async function scriptOf(edge: HttpEdge): Promise<string> {
  return (await edge.ask("/install.sh")).text;
}

describe("install.sh from the server", () => {
  it("runs the server's client, hands it the tokens by stdin, and leaves it to that to put itself in place", async () => {
    await using edge = await hostClient();
    await using home = await tempFolder();

    const { code, stdout, stderr } = await pasted(
      edge,
      [AI, "--sync-token", SYNC, "--machine", "my laptop", "--", "--dry-run"],
      { HOME: home.path },
    );
    const told = await toldIn(home.path);

    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(told.args).toEqual([
      "install",
      "--tokens-stdin",
      "--url",
      urlOf(edge),
      "--machine",
      "my laptop",
      "--dry-run",
    ]);
    expect(told.stdin).toBe(`{"ai_token":"${AI}","sync_token":"${SYNC}"}\n`);
    expect(await readdir(home.path)).toEqual(["told.json"]);
    expect(stderr).toContain("federated-memory join");
    expect(stderr).not.toContain("canary");
  });

  it("takes a join code, and says nothing about it", async () => {
    await using edge = await hostClient();
    await using home = await tempFolder();

    const { code, stdout, stderr } = await pasted(edge, ["--join", JOIN], { HOME: home.path });

    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "" });
    expect((await toldIn(home.path)).stdin).toBe(`{"join":"${JOIN}"}\n`);
  });

  it("shows tokens in the command line of no process but the shell that was given them", async () => {
    const seen: string[] = [];
    await using edge = await hostClient((client) => ({
      ...client,
      get bundle() {
        // Asked for while curl fetches it.
        seen.push(...commandLines());
        return client.bundle;
      },
    }));
    await using home = await tempFolder();

    await pasted(edge, [AI, "--sync-token", SYNC], { HOME: home.path });
    const { lines, env } = await toldIn(home.path);
    const withToken = [...seen, ...lines].filter((line) => line.includes("canary"));

    expect(seen.some((line) => line.startsWith("curl "))).toBe(true);
    expect(lines.some((line) => line.includes("--tokens-stdin"))).toBe(true);
    expect(withToken.length).toBeGreaterThan(0);
    expect(withToken.filter((line) => !line.startsWith("bash "))).toEqual([]);
    expect(env.join(" ")).not.toContain("canary");
  });

  it("works in a HOME with spaces and quotes, and leaves nothing in the temporary folder", async () => {
    await using edge = await hostClient();
    await using folder = await tempFolder();
    const home = join(folder.path, 'Ann\'s "big" $disk');
    const temporary = join(folder.path, "temporary files");
    await mkdir(home);
    await mkdir(temporary);

    const { code } = await pasted(edge, [AI], { HOME: home, TMPDIR: temporary });

    expect(code).toBe(0);
    expect((await toldIn(home)).stdin).toContain(AI);
    expect(await readdir(temporary)).toEqual([]);
  });

  it("gives on tokens of any visible characters as they are, and refuses others", async () => {
    await using edge = await hostClient();
    await using home = await tempFolder();
    const odd = String.raw`a"b\c'd$e` + "`f*g%h\\n;{}";

    await pasted(edge, [odd], { HOME: home.path });
    const { stdin } = await toldIn(home.path);
    const broken = await pasted(edge, ["two\nlines"], { HOME: home.path });

    expect(JSON.parse(stdin)).toEqual({ ai_token: odd });
    expect(broken).toMatchObject({ code: 2, stderr: expect.stringContaining("visible characters") });
  });

  it("installs nothing that is not the bundle it belongs to", async () => {
    await using edge = await hostClient((client) => ({
      ...client,
      bundle: Buffer.concat([client.bundle, Buffer.from("\n//")]),
    }));
    await using home = await tempFolder();

    const { code, stderr } = await pasted(edge, [AI], { HOME: home.path });

    expect(code).toBe(1);
    expect(stderr).toContain("Nothing was installed");
    expect(await readdir(home.path)).toEqual([]);
  });

  it("follows no redirect to where nothing is encrypted", async () => {
    await using edge = await hostClient();
    await using home = await tempFolder();
    const elsewhere = createServer((request, response) =>
      response.writeHead(302, { location: urlOf(edge) + request.url }).end(),
    ).listen(0, "127.0.0.1");
    await once(elsewhere, "listening");
    const address = elsewhere.address();
    const port = typeof address === "object" ? address?.port : undefined;

    const { code, stderr } = await pasted(edge, ["--url", `http://127.0.0.1:${port}`, "--join", JOIN], {
      HOME: home.path,
    });
    elsewhere.close();

    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("Could not fetch") });
    expect(await readdir(home.path)).toEqual([]);
  });

  it("does nothing when it was cut short, wherever", async () => {
    await using edge = await hostClient();
    await using home = await tempFolder();
    const script = await scriptOf(edge);
    const end = script.trimEnd().length;
    const cuts = [
      ...Array.from({ length: 40 }, (_, at) => Math.floor((end * at) / 40)),
      ...Array.from({ length: 20 }, (_, at) => end - 1 - at),
    ];

    for (const cut of cuts) await run("bash", ["-s", "--", AI], { HOME: home.path }, script.slice(0, cut));

    expect(await readdir(home.path)).toEqual([]);
    expect(edge.log.filter(({ route }) => route === "/memory-sync.mjs")).toEqual([]);
  });

  it("replaces the program and nothing else with --update", async () => {
    await using edge = await hostClient();
    await using home = await tempFolder();
    const program = join(home.path, ".memory-sync/bin/memory-sync.mjs");
    await mkdir(dirname(program), { recursive: true });
    await writeFile(program, "old");

    const { code, stderr } = await pasted(edge, ["--update"], { HOME: home.path });

    expect({ code, stderr }).toEqual({ code: 0, stderr: `Updated: ${program}\n` });
    expect(await readFile(program, "utf8")).toContain("createRequire");
    expect((await stat(program)).mode & 0o777).toBe(0o700);
    expect(await readdir(dirname(program))).toEqual(["memory-sync.mjs"]);
    expect(await readdir(home.path)).toEqual([".memory-sync"]);
  });

  it("ends as the installation ended", async () => {
    await using edge = await hostClient();
    await using home = await tempFolder();

    const { code } = await pasted(edge, [AI], { HOME: home.path, STAND_IN_EXIT: "4" });

    expect(code).toBe(4);
  });

  it.each([
    [["--join"], "needs a value"],
    [["--no-hooks"], "behind --"],
    [[AI, SYNC], "One AI token at most"],
    [["--url", "memory.example"], "http(s)"],
  ])("explains %j and exits 2", async (args, words) => {
    await using edge = await hostClient();
    await using home = await tempFolder();

    const { code, stderr } = await pasted(edge, args, { HOME: home.path });

    expect(code).toBe(2);
    expect(stderr).toContain(words);
    expect(await readdir(home.path)).toEqual([]);
  });

  it.skipIf(TERMINAL === undefined)(
    "asks for a join code at the terminal, without showing it, and says so where there is none",
    async () => {
      await using edge = await hostClient();
      await using home = await tempFolder();
      const line = `curl -fsSL ${urlOf(edge)}/install.sh | bash -s -- --join -`;

      const without = await pasted(edge, ["--join", "-"], { HOME: home.path });
      const { code, stdout } = await run(
        TERMINAL ?? "",
        ["-qec", line, "/dev/null"],
        { HOME: home.path },
        `${JOIN}\n`,
      );

      expect(without).toMatchObject({ code: 1, stderr: expect.stringContaining("no terminal") });
      expect(code).toBe(0);
      expect(stdout).toContain("Join code: ");
      expect((await toldIn(home.path)).stdin).toBe(`{"join":"${JOIN}"}\n`);
    },
  );
});

describe("what install.sh needs", () => {
  it("is a Node that is new enough: not the old one on PATH, but nvm's", async () => {
    await using edge = await hostClient();
    await using home = await tempFolder();
    const old = join(home.path, "old");
    const nvm = join(home.path, ".nvm/versions/node/v24.0.0/bin");
    await mkdir(old);
    await writeFile(join(old, "node"), "#!/bin/sh\nexit 1\n");
    await chmod(join(old, "node"), 0o755);
    await mkdir(nvm, { recursive: true });
    await symlink(process.execPath, join(nvm, "node"));

    const { code } = await pasted(edge, [AI], { HOME: home.path, PATH: `${old}:/usr/bin:/bin` });

    expect(code).toBe(0);
    expect((await toldIn(home.path)).version).toBe(process.version);
  });

  it("is said where there is none, before anything is fetched", async () => {
    await using edge = await hostClient();
    await using home = await tempFolder();
    await using programs = await programsWithout("node");
    // As on a machine where no installer of the whole system put one either.
    const script = (await scriptOf(edge)).replaceAll(
      /^( +)\/(?:opt|home|usr)\/\S*\/node\b/gm,
      "$1/nowhere/node",
    );
    const env = { HOME: home.path, PATH: programs.path };

    const { code, stderr } = await run("bash", ["-s", "--", AI], env, script);

    expect(stderr).toContain("nodejs.org");
    expect(code).toBe(1);
    expect(edge.log.filter(({ route }) => route === "/memory-sync.mjs")).toEqual([]);
  });

  it.skipIf(WGET === undefined)("is curl or wget", async () => {
    await using edge = await hostClient();
    await using home = await tempFolder();
    await using withWget = await programsWithout("curl");
    const script = await scriptOf(edge);

    const { code, stderr } = await run(
      "bash",
      ["-s", "--", AI],
      { HOME: home.path, PATH: withWget.path },
      script,
    );

    expect({ code, stderr: stderr.split("\n").length }).toEqual({ code: 0, stderr: 2 });
    expect((await toldIn(home.path)).stdin).toContain(AI);
  });
});

describe("install.sh from a checkout", () => {
  it("installs the client that is built there", async () => {
    await using folder = await programFolder();
    await using home = await tempFolder();
    const script = join(folder.path, "client/install.sh");

    const { code } = await run("bash", [script, "--url", "https://memory.example/", "--join", JOIN], {
      HOME: home.path,
    });
    const nowhere = await run("bash", [script, "--join", JOIN], { HOME: home.path });

    expect(code).toBe(0);
    expect((await toldIn(home.path)).args).toEqual([
      "install",
      "--tokens-stdin",
      "--url",
      "https://memory.example",
    ]);
    expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining("--url") });
  });
});

describe("install.sh as a text", () => {
  it.skipIf(SHELLCHECK === undefined)("gives shellcheck nothing to say", async () => {
    const { code, stdout } = await run(SHELLCHECK ?? "", [SCRIPT], {});

    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  });

  it("holds nothing that bash 3.2 of macOS does not know", async () => {
    const text = await readFile(SCRIPT, "utf8");

    // Associative arrays, name references, lists from files, case changes, both streams at once, arrays that may be empty.
    expect(text).not.toMatch(
      /declare -A|local -[An]|mapfile|readarray|\$\{\w+[,^]|&>>|\|&|;;&|[^+]"\$\{options\[@\]\}"(?!\})/,
    );
    expect(text).not.toMatch(/set -x|sed -i|readlink -f|realpath|\bsetsid\b|date -d/);
  });
});

function commandLines(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      } catch {
        return "";
      }
    });
}

/** A folder of programs that the script uses, for a PATH in which one is missing. */
async function programsWithout(missing: "node" | "curl"): Promise<{ path: string } & AsyncDisposable> {
  const folder = await tempFolder();
  for (const name of ["bash", "mktemp", "mkdir", "cp", "chmod", "mv", "rm", "wget"]) {
    const program = tool(name, name);
    if (program !== undefined) await symlink(program, join(folder.path, name));
  }
  if (missing === "curl") await symlink(process.execPath, join(folder.path, "node"));
  return folder;
}
