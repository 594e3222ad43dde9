import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { FakeModel } from "../support/fake-model/fake-model.ts";
import { fakeMessages } from "../support/fake-model/messages.ts";
import { buildBundle } from "../support/memory-sync.ts";
import { PROXY_BUNDLE, ProxyProgram, TOOL } from "../support/proxy-lab.ts";
import { realClients, type RealClients } from "../support/real-clients.ts";
import { RealMachine } from "../support/real-machine.ts";

/**
 * The real Claude Code, whose memory tool comes over MCP and whose model, behind the proxy, knows only the native one.
 */

const INSTALL_MS = 240_000;
const SESSION_MS = 120_000;
const BRIDGE = join(PROXY_BUNDLE, "../memory-sync.mjs");
const ADD = `claude mcp add memory -- node '${BRIDGE}' mcp --local "$HOME/memories"`;

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

describe("Claude Code through the proxy", () => {
  it(
    "views, stores and recalls with the model's native tool, in three sessions",
    async () => {
      await using opened = await lab();
      const { model, machine } = opened;
      const path = "/memories/colours.md";
      expect(await machine.type(ADD)).toMatchObject({ code: 0 });

      const view = await session(machine, model, { command: "view", path: "/memories" });
      const stored = await session(machine, model, {
        command: "create",
        path,
        file_text: "The door is teal.\n",
      });
      const recalled = await session(machine, model, { command: "view", path });
      const asked = model.requests.filter((body) => body.includes('"type":"memory_20250818"'));
      const own = await transcripts(machine);

      expect(view).toContain("/memories");
      expect(stored).toContain(`File created successfully at: ${path}`);
      expect(recalled).toContain("The door is teal.");
      expect(asked.length).toBeGreaterThanOrEqual(6);
      expect(model.requests.join("")).not.toContain("mcp__memory__memory");
      expect(own).toContain(`"name":"${TOOL}"`);
      expect(own).not.toContain('"name":"memory"');
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

/** What is another one in every session. */
function withoutIds(body: string): string {
  return body.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,}/g, "id").replaceAll(/[0-9a-f]{64}/g, "id");
}
