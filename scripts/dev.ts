import { execFile } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { openApp } from "../server/app.ts";
import { explain } from "../server/commands/index.ts";
import { untilStopped } from "../server/commands/stop.ts";
import { readConfig } from "../server/config.ts";
import { createLog } from "../server/observe/log.ts";
import { requireSamples, seedSamples } from "./seed-samples.ts";

const DATA = join(import.meta.dirname, "../data");
const AI_TOKEN = "dev-token";
const SYNC_TOKEN = "dev-sync-token";

/** `make run`: a server for trying things out, with sample workspaces and tokens that everybody knows. */
async function main(): Promise<void> {
  const env = {
    MCP_TOKEN: AI_TOKEN,
    SYNC_TOKEN,
    MEMORY_ROOT: DATA,
    LOG_LEVEL: "warn",
    ...pick(process.env, ["PORT", "MEMORY_ROOT", "LOG_LEVEL"]),
  };
  const config = readConfig({ dev: true }, env);
  if (env.MEMORY_ROOT !== DATA) requireSamples(config.memoryRoot);
  // What the server hands out is the client as it is now.
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, "build-client.ts")]);
  const app = await openApp(config, createLog({ level: config.logLevel }));
  const seeded = await seedSamples(app.url, SYNC_TOKEN, AI_TOKEN);
  process.stdout.write(welcome(app.url, config.memoryRoot, seeded));
  await untilStopped(app);
  process.stdout.write("Stopped.\n");
}

function pick(env: NodeJS.ProcessEnv, names: string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

function welcome(url: string, memoryRoot: string, seeded: boolean): string {
  return `federated-memory is listening on ${url}
Data: ${memoryRoot}${seeded ? " (two sample workspaces were added)" : ""}
Tokens: ${AI_TOKEN} for AIs, ${SYNC_TOKEN} for memory-sync. Everybody knows them: for trying out on this machine only.

Everything at once, for Claude Code and Codex on this machine (\`uninstall\` of ~/.memory-sync/bin/memory-sync takes it out again):
  curl -fsSL ${url}/install.sh | bash -s -- ${AI_TOKEN} --sync-token ${SYNC_TOKEN}

Or by hand. Claude Code:
  claude mcp add --scope user --transport http memory ${url}/mcp --header "Authorization: Bearer ${AI_TOKEN}"

Codex, in ~/.codex/config.toml (and \`export MCP_MEMORY_TOKEN=${AI_TOKEN}\` where Codex starts):
  [mcp_servers.memory]
  url = "${url}/mcp"
  bearer_token_env_var = "MCP_MEMORY_TOKEN"
  default_tools_approval_mode = "approve"

Try it:
  curl -s -H "Authorization: Bearer ${AI_TOKEN}" "${url}/api/v1/search/sessions?query=flaky+test"

Ctrl-C stops the server; the data stays.
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    await main();
  } catch (error) {
    process.exitCode = explain(error) === 0 ? 0 : 1;
  }
}
