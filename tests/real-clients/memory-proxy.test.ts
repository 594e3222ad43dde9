import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { FakeModel } from "../support/fake-model/fake-model.ts";
import { fakeMessages } from "../support/fake-model/messages.ts";
import { buildBundle } from "../support/memory-sync.ts";
import { PROXY_BUNDLE, ProxyProgram, TOOL } from "../support/proxy-lab.ts";
import { realClients, type RealClients } from "../support/real-clients.ts";
import { RealMachine } from "../support/real-machine.ts";
import { AI_TOKEN } from "../support/server.ts";
import { ServerProcess } from "../support/server-process.ts";
import { tempFolder } from "../support/temp-folder.ts";

/**
 * The real Claude Code, whose memory tool comes over MCP and whose model, behind the proxy, knows only the native one.
 */

const INSTALL_MS = 240_000;
const SESSION_MS = 120_000;
const BRIDGE = join(PROXY_BUNDLE, "../memory-sync.mjs");
const LOCAL = `claude mcp add memory -- node '${BRIDGE}' mcp --local "$HOME/memories"`;
const PATH = "/memories/colours.md";
const FACT = "The door is teal.\n";

let clients: RealClients;
beforeAll(async () => {
  await buildBundle();
  clients = await realClients();
}, INSTALL_MS);

/** A machine that talks to its model through the proxy, and what that model got. */
async function lab() {
  await using stack = new AsyncDisposableStack();
  const model = stack.use(await fakeMessages({ tool: "memory", input: {}, say: "Done." }));
  const proxy = stack.use(await ProxyProgram.start({ UPSTREAM_API_URL: model.url }));
  const urls = { claude: proxy.url, codex: model.url };
  const machine = stack.use(await RealMachine.create(clients, urls));
  const open = stack.move();
  return { model, proxy, machine, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/** One session of its own, in which the model calls the tool once and then says something of its answer. */
async function session(
  machine: RealMachine,
  model: FakeModel,
  input: Record<string, unknown>,
): Promise<string> {
  model.script = { tool: "memory", input, say: "Nothing.", sayOf: (result) => `It says ${result}` };
  const { code, stdout, stderr } = await machine.type(
    "claude -p 'what do you know' --allowedTools mcp__memory </dev/null",
  );
  expect(code, stderr).toBe(0);
  return stdout;
}

/** Everything that Claude Code wrote down of its sessions. */
async function transcripts(machine: RealMachine): Promise<string> {
  const folder = machine.path(".claude/projects");
  const files = await readdir(folder, { recursive: true });
  const texts = files
    .filter((file) => file.endsWith(".jsonl"))
    .map((file) => readFile(join(folder, file), "utf8"));
  return (await Promise.all(texts)).join("");
}

/** Looks, stores, and in a third session says what the second one stored. */
async function viewStoreRecall(machine: RealMachine, model: FakeModel): Promise<void> {
  const view = await session(machine, model, { command: "view", path: "/memories" });
  const stored = await session(machine, model, { command: "create", path: PATH, file_text: FACT });
  const recalled = await session(machine, model, { command: "view", path: PATH });

  expect(view).toContain("/memories");
  expect(stored).toContain(`File created successfully at: ${PATH}`);
  expect(recalled).toContain(FACT.trim());
}

/** The model knows the native tool only, and Claude Code its own name only. */
async function expectOwnNames(machine: RealMachine, { requests }: FakeModel): Promise<void> {
  const native = requests.filter((body) => body.includes('"type":"memory_20250818"'));

  expect(native.length).toBeGreaterThanOrEqual(6);
  // Not the texts themselves: a difference in megabytes tells nobody anything.
  expect(requests.filter((body) => body.includes("mcp__memory__memory")).length).toBe(0);
  expect(new Set(calledIn(await transcripts(machine)))).toEqual(new Set([TOOL]));
}

describe("Claude Code through the proxy", () => {
  it(
    "CP-13: views, stores and recalls with the model's native tool in a folder, in three sessions",
    async () => {
      await using opened = await lab();
      const { model, machine } = opened;
      expect(await machine.type(LOCAL)).toMatchObject({ code: 0 });

      await viewStoreRecall(machine, model);

      await expectOwnNames(machine, model);
      expect(await readFile(machine.path("memories/colours.md"), "utf8")).toBe(FACT);
    },
    SESSION_MS,
  );

  it(
    "does the same on the server, beside its other tools",
    async () => {
      await using opened = await lab();
      await using root = await tempFolder();
      await using server = await ServerProcess.start(root.path);
      const { model, machine } = opened;
      const variables = `-e MCP_MEMORY_URL=${server.url} -e MCP_MEMORY_TOKEN=${AI_TOKEN}`;
      const added = await machine.type(`claude mcp add memory ${variables} -- node '${BRIDGE}' mcp`);
      expect(added).toMatchObject({ code: 0 });

      await viewStoreRecall(machine, model);

      await expectOwnNames(machine, model);
      const files = await readdir(join(root.path, "workspaces"), { recursive: true });
      expect(files.filter((file) => file.endsWith("-claude-code-shop/memories/colours.md")).length).toBe(1);
    },
    SESSION_MS,
  );

  it(
    "without the tool sends and gets what it would without the proxy",
    async () => {
      await using opened = await lab();
      const { model, machine, proxy } = opened;
      model.script = { tool: "none", input: {}, say: "Nothing." };
      const line = "claude -p 'what do you know' </dev/null";

      const through = await machine.type(line);
      const throughProxy = model.requests.splice(0);
      const direct = await machine.type(`ANTHROPIC_BASE_URL=${model.url} ${line}`);

      expect([through, direct].map(({ code, stdout }) => [code, stdout])).toEqual([
        [0, "Nothing.\n"],
        [0, "Nothing.\n"],
      ]);
      expect(throughProxy.length).toBeGreaterThan(0);
      expect(throughProxy.map(withoutIds)).toEqual(model.requests.map(withoutIds));
      expect(proxy.output).toContain('"renamed":0');
    },
    SESSION_MS,
  );
});

/** The names under which tools were called. */
function calledIn(transcript: string): string[] {
  return [...transcript.matchAll(/"type":"tool_use","id":"[^"]*","name":"([^"]*)"/g)].map(
    ([, name = ""]) => name,
  );
}

/** What is another one in every session. */
function withoutIds(body: string): string {
  return body.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,}/g, "id").replaceAll(/[0-9a-f]{64}/g, "id");
}
