import type { Command, Options } from "./commands/command.ts";
import { padWidth, wrapWidth } from "./text-width.ts";

/** Help reads well on the narrowest usual terminal, and looks the same on all. */
const COLUMNS = 80;

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
    ...paragraphs(
      "memory-sync: feeds a federated-memory server from this machine, and reads what all machines know",
    ),
    "",
    "Usage: memory-sync <command> [options]",
    "",
    "Commands:",
    ...rows(commands.map(({ name, summary }) => [name, summary])),
    "",
    "Options of every command:",
    ...rows(optionRows(GLOBAL_OPTIONS)),
    "",
    "More about a command: memory-sync <command> --help",
    "Version of this program: memory-sync --version",
    "Files: ~/.memory-sync (MEMORY_SYNC_HOME)",
    "Exit codes: 0 ok, 1 problem found, 2 usage, 3 authentication, 4 network",
  ].join("\n");
}

/** The page of `memory-sync <command> --help`. */
export function helpFor(command: Command): string {
  const usage = ["memory-sync", command.name, command.positionals, "[options]"].filter(Boolean).join(" ");
  const own = optionRows(command.options);
  return [
    ...paragraphs(command.summary),
    "",
    `Usage: ${usage}`,
    ...(own.length === 0 ? [] : ["", "Options:", ...rows(own)]),
    "",
    "Options of every command:",
    ...rows(optionRows(GLOBAL_OPTIONS)),
    ...(command.details === undefined ? [] : ["", ...paragraphs(command.details)]),
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
  return table.flatMap(([left, right]) =>
    wrapWidth(right, COLUMNS - width - 4).map(
      (line, index) => `  ${padWidth(index === 0 ? left : "", width)}  ${line}`,
    ),
  );
}

function paragraphs(text: string): string[] {
  return text.split("\n").flatMap((paragraph) => wrapWidth(paragraph, COLUMNS));
}
