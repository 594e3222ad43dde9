import { plain } from "../format.ts";
import { expandHome } from "../home/home.ts";
import { realFolder } from "../manifest/create.ts";
import { runBridge } from "../mcp/bridge.ts";
import { remoteEndpoint } from "../mcp/endpoint.ts";
import { LineWriter } from "../mcp/line-writer.ts";
import { OwnWorkspace } from "../mcp/own-workspace.ts";
import { Registrar } from "../remote/registrar.ts";
import { defineCommand, UsageError, type Arguments, type Context } from "./command.ts";

export const mcp = defineCommand({
  name: "mcp",
  summary: "For agents that start their MCP servers: the server's tools over stdin and stdout",
  options: {
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
    "without the agent's doing: that of its manifest, else of this machine, the tool and the project.",
  async run(context, args) {
    const log = (line: string) => context.output.warn(line);
    const { endpoint, binding } = await serverSide(context, args, log);
    const writer = new LineWriter(process.stdout);
    await runBridge({ source: process.stdin, writer, endpoint, binding, log });
    return "ok";
  },
});

type McpOption = "tool" | "project" | "cwd";

async function serverSide(context: Context, args: Arguments<McpOption>, log: (line: string) => void) {
  const { machine, url } = await context.config();
  const token = await context.aiToken();
  const { home, userHome } = context.environment;
  const cwd = await folderOf(args.option("cwd") ?? ".", userHome);
  const [tool, project] = [args.option("tool"), args.option("project")];
  const surroundings = { home, userHome, machine, cwd, tool, project };
  context.output.say(`memory-sync mcp: the tools of ${plain(url)}`);
  return {
    endpoint: remoteEndpoint(url, token),
    binding: new OwnWorkspace(new Registrar(url, token), surroundings, log),
  };
}

async function folderOf(given: string, userHome: string): Promise<string> {
  const folder = await realFolder(expandHome(given, userHome));
  if (folder === undefined) throw new UsageError(`There is no folder ${given}`);
  return folder;
}
