import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { beforeAll, expect, it, vi } from "vitest";
import { childEnv } from "../support/child-env.ts";
import { listenOnLoopback } from "../support/fake-model/loopback.ts";
import { buildBundle } from "../support/memory-sync.ts";
import { Person } from "../support/person.ts";
import { tempFolder } from "../support/temp-folder.ts";

/**
 * Three commands: a server, a laptop, a desktop. What people see on the way is kept in `tests/golden/new-user.txt`, and the
 * screens of the README are pieces of it.
 */

const ROOT = join(import.meta.dirname, "../..");
const SESSION_ID = "11111111-1111-4111-8111-111111111111";
const SAID = "the quokka export fails because the cart rounds twice";
const TRANSCRIPT = [
  { type: "user", message: { role: "user", content: "why does the export fail?" } },
  { type: "assistant", message: { role: "assistant", content: [{ type: "text", text: SAID }] } },
]
  .map((line, index) => ({
    ...line,
    sessionId: SESSION_ID,
    cwd: "/home/ann/shop",
    timestamp: `2026-11-21T06:00:0${index}.000Z`,
  }))
  .map((line) => `${JSON.stringify(line)}\n`)
  .join("");

beforeAll(buildBundle);

it("ends, after three commands, with a session of one machine found on the other", async () => {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await makeRun());
  const laptop = stack.use(await Person.create({ name: "ann", env: { HAS_SYSTEMD: "1" }, claude: true }));
  const desktop = stack.use(await Person.create({ name: "ann", env: { HAS_CRON: "1" } }));
  await laptop.write(".claude/settings.json", '{\n  "model": "opus"\n}\n');
  await desktop.write(".codex/config.toml", 'model = "gpt-5.5-codex"\n');
  const line = /^ +(curl .*install\.sh.*) --machine laptop$/m.exec(server.screen)?.[1] ?? "";
  const screens = [`$ make run\n${server.screen}`];
  const type = async (person: Person, command: string): Promise<string> => {
    const { code, stdout, stderr } = await person.shell(command.replace("memory-sync ", MEMORY_SYNC));
    const seen = (stdout + stderr).replaceAll(person.home, "~");
    screens.push(`$ ${command}\n${seen}`);
    expect({ code, seen }).toMatchObject({ code: 0 });
    return seen;
  };

  await type(laptop, `${line} --machine laptop`);
  await type(desktop, `${line} --machine desktop`);
  await endSession(laptop);
  const found = await vi.waitFor(async () => {
    const seen = await desktop.shell(`${MEMORY_SYNC} search quokka`);
    expect(seen.stdout).toContain(SESSION_ID);
    return seen;
  }, WAIT);
  await type(desktop, "memory-sync search quokka");
  await type(laptop, "memory-sync uninstall");

  expect(found.stdout).toContain("laptop-claude-code-shop");
  expect(await laptop.read(".claude/settings.json")).toBe('{\n  "model": "opus"\n}\n');
  const golden = masked(screens.join("\n"), server.url);
  await expect(golden).toMatchFileSnapshot("../golden/new-user.txt");
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const shown = [...readme.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, screen = ""]) => screen);
  expect(shown.length).toBeGreaterThan(0);
  for (const screen of shown) expect(golden).toContain(screen);
}, 120_000);

const MEMORY_SYNC = '"$HOME/.memory-sync/bin/memory-sync" ';
const WAIT = { timeout: 30_000, interval: 200 };

/** What `make run` does once everything is installed: on a free port, with data of its own. */
async function makeRun() {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await tempFolder());
  const { url, close } = await listenOnLoopback(createServer());
  await close();
  const env = childEnv({
    HOME: folder.path,
    PORT: new URL(url).port,
    MEMORY_ROOT: join(folder.path, "data"),
  });
  const child = spawn(process.execPath, [join(ROOT, "scripts/dev.ts")], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "exit");
  stack.defer(async () => {
    child.kill("SIGINT");
    await ended;
  });
  let screen = "";
  const collect = (chunk: Buffer): void => void (screen += chunk.toString("utf8"));
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  await vi.waitFor(() => expect(screen).toContain("the data stays"), WAIT);
  const open = stack.move();
  return { url, screen, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/** A session of Claude Code ends: its hook is what the settings say. */
async function endSession(person: Person): Promise<void> {
  const path = await person.write(`.claude/projects/-home-ann-shop/${SESSION_ID}.jsonl`, TRANSCRIPT);
  const settings = JSON.parse(await person.read(".claude/settings.json"));
  const hook = String(settings.hooks.SessionEnd[0].hooks[0].command);
  const payload = JSON.stringify({ hook_event_name: "SessionEnd", transcript_path: path });
  expect(await person.shell(hook, payload)).toEqual({ code: 0, stdout: "", stderr: "" });
}

/** Without what is different each time. */
function masked(text: string, url: string): string {
  return text
    .replaceAll(url, "http://127.0.0.1:8000")
    .replaceAll(/^Data: .*\/data/gm, "Data: data")
    .replaceAll(/MEMORY_ROOT=\S+/g, "MEMORY_ROOT=data")
    .replaceAll(/\b\d+(\.\d+)? ms\b/g, "5 ms");
}
