import { printMcpHeaders } from "../setup/mcp-headers.ts";
import { defineCommand } from "./command.ts";

export const mcpHeaders = defineCommand({
  name: "mcp-headers",
  summary: "For Claude Code: print the headers it connects to the server with",
  options: {},
  details:
    "Prints one JSON object with the AI token, so that no settings file has to hold it. Refuses when " +
    "CLAUDE_CODE_MCP_SERVER_URL names another server than the one this machine is set up for.",
  async run() {
    return printMcpHeaders() === 0 ? "ok" : "problem";
  },
});
