import type { Command, Options } from "./commands/command.ts";

/** Options of every command. */
export const GLOBAL_OPTIONS = {
  json: { type: "boolean", summary: "Print the answer as JSON" },
  quiet: { type: "boolean", short: "q", summary: "Say nothing but warnings and failures" },
  url: { type: "string", value: "URL", summary: "The server (else MCP_MEMORY_URL, else config.json)" },
  "token-file": {
    type: "string",
    value: "FILE",
    summary: "A file with the token to use (else MCP_MEMORY_TOKEN, SYNC_TOKEN, else credentials.json)",
  },
  help: { type: "boolean", short: "h", summary: "Show this help" },
} as const satisfies Options;

/** The page of `memory-sync --help`. */
export function helpForAll(commands: readonly Command[]): string {
  return [
    "memory-sync: feeds a federated-memory server from this machine, and reads what all machines know",
    "",
    "Usage: memory-sync <command> [options]",
    "",
    "Commands:",
    ...rows(commands.map(({ name, summary }) => [name, summary])),
    "",
    "Options of every command:",
    ...rows(optionRows(GLOBAL_OPTIONS)),
    "",
    "  --version of the program, <command> --help for more about a command",
    "",
    "Files: ~/.memory-sync (MEMORY_SYNC_HOME). Exit codes: 0 ok, 1 problem found, 2 usage, 3 authentication, 4 network.",
  ].join("\n");
}

/** The page of `memory-sync <command> --help`. */
export function helpFor(command: Command): string {
  const usage = ["memory-sync", command.name, command.positionals, "[options]"].filter(Boolean).join(" ");
  const own = optionRows(command.options);
  return [
    command.summary,
    "",
    `Usage: ${usage}`,
    ...(own.length === 0 ? [] : ["", "Options:", ...rows(own)]),
    "",
    "Options of every command:",
    ...rows(optionRows(GLOBAL_OPTIONS)),
    ...(command.details === undefined ? [] : ["", command.details]),
  ].join("\n");
}

function optionRows(options: Options): [string, string][] {
  return Object.entries(options).map(([name, { short, value, summary }]) => {
    const letter = short === undefined ? "" : `-${short}, `;
    return [`${letter}--${name}${value === undefined ? "" : ` ${value}`}`, summary];
  });
}

function rows(table: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...table.map(([left]) => left.length));
  return table.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
