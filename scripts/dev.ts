import { execFile } from "node:child_process";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { AppError } from "../contract/errors.ts";
import { openApp } from "../server/app.ts";
import { explain } from "../server/commands/index.ts";
import { untilStopped } from "../server/commands/stop.ts";
import { readConfig } from "../server/config.ts";
import { createLog } from "../server/observe/log.ts";
import { requireSamples, seedSamples } from "./seed-samples.ts";

const DATA = join(import.meta.dirname, "../data");
const AI_TOKEN = "dev-token";
const SYNC_TOKEN = "dev-sync-token";
/** What would let others in, or tell them where. */
const FOR_OTHERS = ["HOST", "PUBLIC_URL", "ALLOWED_HOSTS", "ALLOWED_ORIGINS", "TRUST_PROXY"];
const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);

/** `make run`: a server for trying things out, with sample workspaces and tokens that everybody knows. */
async function main(): Promise<void> {
  assertForThisMachine(process.env);
  const env = {
    MCP_TOKEN: AI_TOKEN,
    SYNC_TOKEN,
    MEMORY_ROOT: DATA,
    LOG_LEVEL: "warn",
    ...pick(process.env, ["HOST", "PORT", "MEMORY_ROOT", "LOG_LEVEL"]),
  };
  const config = readConfig({ dev: true }, env);
  if (env.MEMORY_ROOT !== DATA) requireSamples(config.memoryRoot);
  // What the server hands out is the client and the proxy as they are now.
  for (const script of ["build-client.ts", "build-proxy.ts"])
    await promisify(execFile)(process.execPath, [join(import.meta.dirname, script)]);
  const app = await openApp(config, createLog({ level: config.logLevel }));
  const seeded = await seedSamples(app.url, SYNC_TOKEN, AI_TOKEN);
  process.stdout.write(welcome(app.url, config.memoryRoot, seeded));
  await untilStopped(app);
  process.stdout.write("Stopped.\n");
}

/** Throws `invalid_input` for settings that are not for trying out: left out in silence they would look heeded. */
function assertForThisMachine(env: NodeJS.ProcessEnv): void {
  const wrong = FOR_OTHERS.filter((name) => env[name] && !(name === "HOST" && LOOPBACK.has(env[name])));
  if (wrong.length === 0) return;
  throw new AppError(
    "invalid_input",
    `make run serves this machine alone, with tokens that everybody knows; it takes no ${wrong.join(", ")}`,
    {
      hint: "For other machines: npm start, as README.md says under “For other machines”. Or unset what is named",
    },
  );
}

function pick(env: NodeJS.ProcessEnv, names: string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

function welcome(url: string, memoryRoot: string, seeded: boolean): string {
  return `federated-memory is listening on ${url}
Data: ${memoryRoot}${seeded ? " (two sample workspaces were added)" : ""}
Tokens: ${AI_TOKEN} for AIs, ${SYNC_TOKEN} for memory-sync. Everybody knows them: for trying out on this machine only.

Everything at once, for Claude Code and Codex on this machine (\`uninstall\` of ~/.memory-sync/bin/memory-sync takes it out again):
  curl -fsSL ${url}/install.sh | bash -s -- ${AI_TOKEN} --sync-token ${SYNC_TOKEN} --machine laptop

With tokens of its own in the place of these (in another terminal, in this folder):
  MEMORY_ROOT=${shellWord(memoryRoot)} bin/federated-memory.mjs join --machine laptop

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

/** Relative where that is shorter, and as one word of a shell. */
function shellWord(path: string): string {
  const near = relative(process.cwd(), path);
  const short = near === "" || near.startsWith("..") ? path : near;
  return /^[\w./-]+$/.test(short) ? short : `'${short.replaceAll("'", "'\\''")}'`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    await main();
  } catch (error) {
    process.exitCode = explain(error) === 0 ? 0 : 1;
  }
}
