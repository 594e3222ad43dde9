import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { LIMITS } from "../../contract/limits.ts";
import { SyncRegistration } from "../../contract/wire.ts";
import { childEnv } from "../support/child-env.ts";
import { finished } from "../support/run-program.ts";
import { ServerProcess } from "../support/server-process.ts";
import { AI_TOKEN, SYNC_TOKEN } from "../support/server.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { tool } from "../support/tool.ts";

const ANALYZE = tool("systemd-analyze", "systemd");
const STRACE = tool("strace", "strace");
const MAIN = join(import.meta.dirname, "../../server/main.ts");
const DEPLOY = join(import.meta.dirname, "../../deploy");
const SERVICE = "systemd/federated-memory.service";
const UNITS = [SERVICE, "backup/federated-memory-backup.service", "backup/federated-memory-backup.timer"];
/** Exposure of 1.5, as systemd counts. */
const THRESHOLD = "--threshold=15";
/** Where the units say the program is. */
const INSTALLED_NODE = "/opt/federated-memory/current/bin/node";

describe.skipIf(ANALYZE === undefined)("the units, as systemd reads them", () => {
  it.each(UNITS.filter((unit) => unit.endsWith(".service")))("expose little: %s", async (unit) => {
    const { code, stdout } = await analyze("security", "--offline=true", THRESHOLD, join(DEPLOY, unit));

    expect({ code, stdout }).toMatchObject({ code: 0 });
  });

  it("exposes little when it is open to the network too", async () => {
    await using folder = await tempFolder();
    const unit = join(folder.path, "federated-memory.service");
    const dropIn = await shipped("systemd/open-to-the-network.conf");
    await writeFile(unit, (await shipped(SERVICE)).replace("[Install]", `${dropIn}\n[Install]`));

    const { code } = await analyze("security", "--offline=true", THRESHOLD, unit);

    expect(code).toBe(0);
  });

  it("convicts a unit that lets the server write everywhere", async () => {
    await using folder = await tempFolder();
    const unit = join(folder.path, "federated-memory.service");
    await writeFile(unit, (await shipped(SERVICE)).replace(/^(Protect|Capability).*$/gm, ""));

    const { code } = await analyze("security", "--offline=true", THRESHOLD, unit);

    expect(code).not.toBe(0);
  });

  it("have no mistake that systemd would only log", async () => {
    await using folder = await tempFolder();
    const units = await Promise.all(UNITS.map((unit) => placed(unit, folder.path)));

    const { code, stdout, stderr } = await analyze("verify", "--man=no", ...units);

    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("back up what the server writes, into the one folder they may write to", async () => {
    const [service, backup] = await Promise.all(
      [SERVICE, "backup/federated-memory-backup.service"].map(shipped),
    );
    const root = /MEMORY_ROOT=(\S+)/.exec(service ?? "")?.[1];

    expect(root).toBe("/var/lib/federated-memory");
    expect(backup).toContain(`Environment=MEMORY_ROOT=${root}\n`);
    expect(backup).toContain(`ReadOnlyPaths=${root}\n`);
    expect(backup).toMatch(new RegExp(` --keep ${LIMITS.backup.keepDays}$`, "m"));
    expect(/ backup (\S+) --keep/.exec(backup ?? "")?.[1]).toBe(
      /^ReadWritePaths=(\S+)$/m.exec(backup ?? "")?.[1],
    );
  });
});

describe.skipIf(ANALYZE === undefined || STRACE === undefined)(
  "the system calls that the unit allows",
  () => {
    let allowed: string;

    beforeAll(async () => {
      allowed = traceSet(await allowedCalls(await shipped(SERVICE)));
    });

    it("are all that the server needs: to store, to search with ripgrep and index, to stop", async () => {
      await using folder = await tempFolder();
      await using server = await ServerProcess.start(
        folder.path,
        {},
        { under: filter(folder.path, allowed) },
      );

      const stored = await store(server);
      const found = await search(server, "mode=regex&query=forty.two");
      const ranked = await search(server, "query=forty+two");
      const code = await server.stop("SIGTERM");

      expect([stored, found, ranked]).toEqual([201, 1, 1]);
      expect(code).toBe(0);
    });

    it("are all that a backup needs", async () => {
      await using folder = await tempFolder();
      const root = join(folder.path, "root");
      const env = childEnv({ MEMORY_ROOT: root });
      {
        await using server = await ServerProcess.start(root);
        await store(server);
      }
      const calls = traceSet(await allowedCalls(await shipped("backup/federated-memory-backup.service")));
      const [program = "", ...args] = filter(folder.path, calls);

      const made = await finished(
        spawn(program, [...args, process.execPath, MAIN, "backup", join(folder.path, "backups")], {
          env,
          stdio: "pipe",
        }),
      );

      expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining(" files, ") });
    });

    it("convicts a filter without setpriority: threads end with an error", async () => {
      await using folder = await tempFolder();
      const without = allowed.replace("?setpriority", "?setns");

      const started = ServerProcess.start(folder.path, {}, { under: filter(folder.path, without) });
      const output = await started.then(
        async (server) => {
          await using running = server;
          await search(running, "query=forty+two").catch(() => 0);
          return running.output;
        },
        (error: unknown) => String(error),
      );

      expect(output).toMatch(/EPERM|EACCES/);
    });
  },
);

function analyze(...args: string[]) {
  return finished(spawn(ANALYZE ?? "", ["--no-pager", ...args], { stdio: "pipe" }));
}

function shipped(unit: string): Promise<string> {
  return readFile(join(DEPLOY, unit), "utf8");
}

/** A unit as it is installed, on a machine where the program is elsewhere. */
async function placed(unit: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, basename(unit));
  await writeFile(path, (await shipped(unit)).replaceAll(INSTALLED_NODE, process.execPath));
  return path;
}

/** The names of system calls that the filter of a unit lets through: sets are added, and taken away after `~`. */
async function allowedCalls(unit: string): Promise<Set<string>> {
  const { stdout } = await analyze("syscall-filter");
  const sets = new Map<string, string[]>();
  let members: string[] = [];
  for (const line of stdout.split("\n")) {
    if (line.startsWith("@")) sets.set(line.trim(), (members = []));
    else if (/^ +[a-z@_]/.test(line)) members.push(line.trim());
  }
  const callsOf = (name: string): string[] =>
    name.startsWith("@") ? (sets.get(name) ?? []).flatMap(callsOf) : [name];
  const allowed = new Set<string>();
  for (const [, without, names = ""] of unit.matchAll(/^SystemCallFilter=(~?)(.*)$/gm))
    for (const call of names.split(" ").flatMap(callsOf))
      if (without === "~") allowed.delete(call);
      else allowed.add(call);
  return allowed;
}

/** As strace wants it; it does not know every name. */
function traceSet(calls: ReadonlySet<string>): string {
  return [...calls].map((call) => `?${call}`).join(",");
}

/** What answers every other call with EPERM, as the filter of the unit does, and becomes the server. */
function filter(folder: string, allowed: string): string[] {
  const others = `!${allowed}`;
  const quiet = ["-D", "-f", "-qq", "--seccomp-bpf", "-o", join(folder, "refused.txt")];
  return [STRACE ?? "", ...quiet, "-e", `trace=${others}`, "-e", `inject=${others}:error=EPERM`, "--"];
}

async function store(server: ServerProcess): Promise<number> {
  const headers = { authorization: `Bearer ${SYNC_TOKEN}`, "content-type": "application/json" };
  const body = JSON.stringify({ machine: "laptop", tool: "claude-code", project: "webshop" });
  const registered = await fetch(`${server.url}/api/v1/workspaces`, { method: "POST", headers, body });
  const { workspace_id: id, write_token: token = "" } = SyncRegistration.parse(await registered.json());
  const { status } = await fetch(`${server.url}/api/v1/workspaces/${id}/knowledge/answer.md`, {
    method: "PUT",
    headers: { authorization: headers.authorization, "x-workspace-token": token },
    body: "# The answer\n\nIt is forty two.\n",
  });
  return status;
}

async function search(server: ServerProcess, query: string): Promise<number> {
  const answer = await fetch(`${server.url}/api/v1/search/knowledge?${query}`, {
    headers: { authorization: `Bearer ${AI_TOKEN}` },
  });
  return z.object({ hits: z.array(z.unknown()) }).parse(await answer.json()).hits.length;
}

it("gives the server's allocator the settings that its command has", async () => {
  const read = (path: string) => readFile(join(DEPLOY, path), "utf8");
  const settings: Record<string, string> = JSON.parse(await read("../bin/allocator.json"));
  const files = await Promise.all([SERVICE, "docker/Dockerfile"].map(read));

  const missing = Object.entries(settings).filter(([name, value]) =>
    files.some((text) => !text.includes(`${name}=${value}`)),
  );

  expect(Object.keys(settings)).toHaveLength(3);
  expect(missing).toEqual([]);
});
