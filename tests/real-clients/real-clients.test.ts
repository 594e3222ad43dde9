import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { SessionPage, type SessionEntry } from "../../contract/wire.ts";
import { childEnv } from "../support/child-env.ts";
import type { FakeModel } from "../support/fake-model/fake-model.ts";
import { fakeMessages } from "../support/fake-model/messages.ts";
import { fakeResponses } from "../support/fake-model/responses.ts";
import { buildBundle } from "../support/memory-sync.ts";
import { realClients, type RealClients } from "../support/real-clients.ts";
import { RealMachine } from "../support/real-machine.ts";
import { AI_TOKEN } from "../support/server.ts";
import { ServerProcess } from "../support/server-process.ts";
import { tempFolder } from "../support/temp-folder.ts";

/**
 * The real Claude Code and the real Codex, each on a machine of its own, set up by the one line that `join` prints, with
 * models that play a script. What is stored and found again is what they wrote themselves.
 */

const INSTALL_MS = 240_000;
const SESSION_MS = 120_000;
const MAIN = join(import.meta.dirname, "../../bin/federated-memory.mjs");
const run = promisify(execFile);

let clients: RealClients;
beforeAll(async () => {
  await buildBundle();
  clients = await realClients();
}, INSTALL_MS);

/** A server, a model for each client, and two machines that have joined. */
async function lab() {
  await using stack = new AsyncDisposableStack();
  const root = stack.use(await tempFolder()).path;
  const server = stack.use(await ServerProcess.start(root));
  const models = {
    claude: stack.use(await fakeMessages({ tool: "mcp__memory__search_sessions", input: {}, say: "" })),
    codex: stack.use(await fakeResponses({ tool: "mcp__memory/search_sessions", input: {}, say: "" })),
  };
  const urls = { claude: models.claude.url, codex: models.codex.url };
  const machines = {
    laptop: stack.use(await RealMachine.create(clients, urls)),
    desktop: stack.use(await RealMachine.create(clients, urls)),
  };
  const open = stack.move();
  return { root, server, models, machines, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/** The line that the server's owner sends to a machine, run there. */
async function joined(root: string, name: string, machine: RealMachine): Promise<string> {
  const { stdout } = await run(process.execPath, [MAIN, "join", "--machine", name], {
    env: childEnv({ MEMORY_ROOT: root }),
  });
  const line = /^ +(curl .*)$/m.exec(stdout)?.[1] ?? "";
  const finished = await machine.type(`${line} -- --no-schedule`);
  expect(finished).toMatchObject({ code: 0 });
  return finished.stdout + finished.stderr;
}

async function sessionsOf(server: ServerProcess): Promise<SessionEntry[]> {
  const response = await fetch(`${server.url}/api/v1/sessions?limit=100`, {
    headers: { authorization: `Bearer ${AI_TOKEN}` },
  });
  return SessionPage.parse(await response.json()).entries;
}

/** The session of a client, once it is stored: hooks work in the background. */
async function stored(
  server: ServerProcess,
  tool: string,
  others: readonly string[] = [],
): Promise<SessionEntry> {
  return vi.waitFor(
    async () => {
      const found = (await sessionsOf(server)).find(
        (entry) => entry.tool === tool && !others.includes(entry.session_id),
      );
      if (found === undefined) throw new Error(`no session of ${tool} yet`);
      return found;
    },
    { timeout: 60_000, interval: 250 },
  );
}

/** What the model was shown of a tool's answer. */
function toolAnswer(model: FakeModel): string {
  return model.requests.findLast((body) => /"tool_result"|function_call_output/.test(body)) ?? "";
}

const CLAUDE = (prompt: string): string => `claude -p '${prompt}' --allowedTools mcp__memory </dev/null`;
const CODEX = (prompt: string): string =>
  `codex exec --skip-git-repo-check --dangerously-bypass-hook-trust '${prompt}' </dev/null`;

describe("two machines that joined with one line each", () => {
  it(
    "find in each client what the other one talked about",
    async () => {
      await using opened = await lab();
      const { root, server, models, machines } = opened;
      await joined(root, "laptop", machines.laptop);
      await joined(root, "desktop", machines.desktop);

      models.claude.script = {
        ...models.claude.script,
        input: { query: "nothing" },
        say: "It was the zebrafish.",
      };
      const first = await machines.laptop.type(CLAUDE("why did the zebrafish deploy fail"));
      const claudes = await stored(server, "claude-code");
      models.codex.script = {
        ...models.codex.script,
        input: { query: "zebrafish" },
        say: "The quokka broke it.",
      };
      const second = await machines.desktop.type(CODEX("what about the quokka release"));
      const codexs = await stored(server, "codex");
      models.claude.script = { ...models.claude.script, input: { query: "quokka" } };
      const third = await machines.laptop.type(CLAUDE("who broke it"));

      expect([first, second, third].map(({ code }) => code)).toEqual([0, 0, 0]);
      expect(first.stdout).toContain("It was the zebrafish.");
      expect(claudes.workspace_id).toBe("laptop-claude-code-shop");
      expect(codexs.workspace_id).toBe("desktop-codex-shop");
      expect(toolAnswer(models.codex)).toContain(claudes.session_id);
      expect(toolAnswer(models.claude)).toContain(codexs.session_id);
    },
    SESSION_MS,
  );

  it(
    "lose nothing while the server is away, and are as before after uninstall",
    async () => {
      await using opened = await lab();
      const { root, server, models, machines } = opened;
      const { laptop } = machines;
      const config = await readFile(laptop.path(".codex/config.toml"), "utf8");
      await joined(root, "laptop", laptop);
      models.claude.script = { ...models.claude.script, say: "Said while away." };

      const port = new URL(server.url).port;
      await server.stop("SIGTERM");
      const away = await laptop.type(CLAUDE("are you there"));
      await using again = await ServerProcess.start(root, { PORT: port });
      const synced = await laptop.type('"$HOME/.memory-sync/bin/memory-sync" sync --retry');
      const saved = await stored(again, "claude-code");
      const removed = await laptop.type('"$HOME/.memory-sync/bin/memory-sync" uninstall');
      const after = await laptop.type(CLAUDE("is anybody listening"));
      const sync = await laptop.type(
        '[ ! -e "$HOME/.claude/settings.json" ] || cat "$HOME/.claude/settings.json"',
      );

      expect([away, synced, removed, after].map(({ code }) => code)).toEqual([0, 0, 0, 0]);
      expect(saved.first_prompt).toContain("are you there");
      expect(sync.stdout).not.toContain("memory-sync");
      expect(await readFile(laptop.path(".codex/config.toml"), "utf8")).toBe(config);
      expect(await readFile(laptop.path(".claude.json"), "utf8")).not.toContain("memory-sync");
      expect((await sessionsOf(again)).map(({ session_id }) => session_id)).toEqual([saved.session_id]);
    },
    SESSION_MS,
  );
});
