import { plain } from "../format.ts";
import { expandHome, VARIABLES, withTilde } from "../home/home.ts";
import { realFolder } from "../manifest/create.ts";
import { runBridge } from "../mcp/bridge.ts";
import { remoteEndpoint } from "../mcp/endpoint.ts";
import { LineWriter } from "../mcp/line-writer.ts";
import { localEndpoint } from "../mcp/local-endpoint.ts";
import { OwnWorkspace } from "../mcp/own-workspace.ts";
import { SharedFolder } from "../memories/shared-folder.ts";
import { Registrar } from "../remote/registrar.ts";
import { VERSION } from "../version.ts";
import { defineCommand, UsageError, type Arguments, type Context } from "./command.ts";

export const mcp = defineCommand({
  name: "mcp",
  summary:
    "For agents that start their MCP servers: the server's tools, or a memory in a folder, over stdin and stdout",
  options: {
    local: {
      type: "string",
      value: "DIR",
      summary: "No server: the memory tool alone, on the files in DIR (else MEMORY_DIR)",
    },
    tool: {
      type: "string",
      value: "NAME",
      summary: "The tool whose workspace is written to (default: what the agent calls itself)",
    },
    project: { type: "string", value: "NAME", summary: "The project (default: that of the folder)" },
    cwd: { type: "string", value: "DIR", summary: "The folder that is worked in (default: this one)" },
  },
  details:
    "Speaks MCP in lines of JSON, until stdin ends. Tools that write get the binding of the folder's workspace " +
    "without the agent's doing: that of its manifest, else of this machine, the tool and the project. " +
    "With --local nothing else is needed, and any number of programs may use one folder.",
  async run(context, args) {
    const { env } = context.environment;
    const local = args.option("local") ?? (env[VARIABLES.memoryFolder] || undefined);
    if (local !== undefined) assertLocalAlone(args);
    const talk = { source: process.stdin, writer: new LineWriter(process.stdout), log: logOf(context) };
    const side = await sideOf(context, args, local).catch((failure) => answerWithFailure(talk, failure));
    await runBridge({ ...talk, ...side });
    return "ok";
  },
});

type McpOption = "local" | "tool" | "project" | "cwd";
type Bridge = Parameters<typeof runBridge>[0];
type Side = Pick<Bridge, "endpoint" | "binding">;

/** Agents show their person what is answered, and not what is said on stderr. */
async function answerWithFailure(talk: Omit<Bridge, keyof Side>, failure: unknown): Promise<never> {
  if (!process.stdin.isTTY && !(failure instanceof UsageError))
    await runBridge({ ...talk, endpoint: () => Promise.reject(failure), binding: undefined });
  throw failure;
}

async function sideOf(
  context: Context,
  args: Arguments<McpOption>,
  local: string | undefined,
): Promise<Side> {
  if (local === undefined) return serverSide(context, args);
  return localSide(context, expandHome(local, context.environment.userHome));
}

function assertLocalAlone(args: Arguments<McpOption>): void {
  // What a shell makes of a variable that is not set would be the folder one happens to be in.
  if (args.option("local") === "") throw new UsageError("--local wants a folder");
  const other = (["tool", "project", "cwd"] as const).find((name) => args.option(name) !== undefined);
  if (other !== undefined)
    throw new UsageError(
      `--${other} is for the server's workspaces, and a memory in a folder (--local, ${VARIABLES.memoryFolder}) has none`,
    );
}

async function localSide({ output, environment }: Context, folder: string): Promise<Side> {
  const endpoint = localEndpoint(await SharedFolder.open(folder), VERSION);
  output.say(`memory-sync mcp: the memory in ${plain(withTilde(folder, environment.userHome))}`);
  return { endpoint, binding: undefined };
}

async function serverSide(context: Context, args: Arguments<McpOption>): Promise<Side> {
  const { machine, url } = await context.config();
  const token = await context.aiToken();
  const { home, userHome } = context.environment;
  const cwd = await folderOf(args.option("cwd") ?? ".", userHome);
  const [tool, project] = [args.option("tool"), args.option("project")];
  const surroundings = { home, userHome, machine, cwd, tool, project };
  context.output.say(`memory-sync mcp: the tools of ${plain(url)}`);
  return {
    endpoint: remoteEndpoint(url, token),
    binding: new OwnWorkspace(new Registrar(url, token), surroundings, logOf(context)),
  };
}

function logOf({ output }: Context): (line: string) => void {
  return (line) => output.warn(line);
}

async function folderOf(given: string, userHome: string): Promise<string> {
  const folder = await realFolder(expandHome(given, userHome));
  if (folder === undefined) throw new UsageError(`There is no folder ${given}`);
  return folder;
}
