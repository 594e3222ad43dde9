import { parseArgs } from "node:util";
import { AppError } from "../contract/errors.ts";
import { isSystemError } from "../disk/errno.ts";
import { claudeHook } from "./commands/claude-hook.ts";
import { Arguments, UsageError, type Command, type Options } from "./commands/command.ts";
import { createContext } from "./commands/context.ts";
import { doctor } from "./commands/doctor.ts";
import { EXIT, OUTCOME_OF, type Outcome } from "./commands/exit.ts";
import { initManifest } from "./commands/init-manifest.ts";
import { install } from "./commands/install.ts";
import { mcp } from "./commands/mcp.ts";
import { mcpHeaders } from "./commands/mcp-headers.ts";
import { read } from "./commands/read.ts";
import { rescue } from "./commands/rescue.ts";
import { search } from "./commands/search.ts";
import { sessions } from "./commands/sessions.ts";
import { status } from "./commands/status.ts";
import { sync } from "./commands/sync.ts";
import { test } from "./commands/test.ts";
import { uninstall } from "./commands/uninstall.ts";
import { workspaces } from "./commands/workspaces.ts";
import { readEnvironment } from "./config.ts";
import { GLOBAL_OPTIONS, helpFor, helpForAll } from "./help.ts";
import { didYouMean } from "../contract/nearest.ts";
import { describeFailure } from "./format.ts";
import { Output } from "./output.ts";
import { RemoteError, type RemoteFailure } from "./remote/remote-error.ts";
import { VERSION } from "./version.ts";

/** Every command. A new one is a file in `commands/` and a row here. */
const COMMANDS: readonly Command[] = [
  install,
  uninstall,
  test,
  doctor,
  initManifest,
  rescue,
  sync,
  claudeHook,
  mcpHeaders,
  mcp,
  status,
  workspaces,
  sessions,
  read,
  search,
];

/** Runs one command line; gives the exit code. Data goes to stdout, talk to stderr. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const environment = readEnvironment();
  const terminals = { stdout: process.stdout, stderr: process.stderr, env: environment.env };
  try {
    const [name, ...rest] = argv;
    if (name === "--version" || name === "-V" || name === "version")
      return say(terminals, `memory-sync ${VERSION}`);
    if (name === undefined || name === "--help" || name === "-h" || name === "help")
      return help(terminals, rest[0]);
    const command = commandNamed(name);
    const { args, values } = parse(command, rest);
    if (values["help"] === true) return say(terminals, helpFor(command));
    const output = new Output({
      ...terminals,
      json: values["json"] === true,
      quiet: values["quiet"] === true,
    });
    const context = createContext(environment, output, {
      url: textOf(values["url"]),
      tokenFile: textOf(values["token-file"]),
    });
    return EXIT[await command.run(context, args)];
  } catch (error) {
    const output = new Output(terminals);
    const outcome = outcomeOf(error);
    if (outcome === undefined) throw error;
    output.fail(describeFailure(error));
    return EXIT[outcome];
  }
}

const OUTCOME_OF_FAILURE = {
  auth: "auth",
  refused: "problem",
  retryable: "network",
  network: "network",
} as const satisfies Record<RemoteFailure, Outcome>;

type Terminals = Pick<ConstructorParameters<typeof Output>[0], "stdout" | "stderr" | "env">;
type Values = Readonly<Record<string, string | boolean | undefined>>;

function help(terminals: Terminals, about: string | undefined): number {
  return say(terminals, about === undefined ? helpForAll(COMMANDS) : helpFor(commandNamed(about)));
}

function say(terminals: Terminals, text: string): number {
  new Output(terminals).print(text);
  return EXIT.ok;
}

function commandNamed(name: string): Command {
  const found = COMMANDS.find((command) => command.name === name);
  if (found !== undefined) return found;
  if (name.startsWith("-"))
    throw new UsageError(`The command comes first: memory-sync <command> ${name}`, "See memory-sync --help");
  const names = COMMANDS.map((command) => command.name);
  throw new UsageError(`There is no command "${name}"`, didYouMean(name, names) ?? "See memory-sync --help");
}

function parse(command: Command, argv: readonly string[]): { args: Arguments<string>; values: Values } {
  const options = { ...GLOBAL_OPTIONS, ...command.options };
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: Object.fromEntries(Object.entries(options).map(([name, option]) => [name, configOf(option)])),
      strict: true,
      allowPositionals: command.positionals !== undefined,
    });
    const flat = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, singleOf(value)]));
    return { args: new Arguments(flat, positionals), values: flat };
  } catch (error) {
    if (!isParseError(error)) throw error;
    throw usageFor(error, command, options);
  }
}

function configOf({ type, short }: Options[string]): { type: "string" | "boolean"; short?: string } {
  return { type, ...(short === undefined ? {} : { short }) };
}

function singleOf(value: unknown): string | boolean | undefined {
  return typeof value === "string" || typeof value === "boolean" ? value : undefined;
}

function isParseError(error: unknown): error is Error & { code: string } {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    error.code.startsWith("ERR_PARSE_ARGS_")
  );
}

function usageFor(error: Error & { code: string }, command: Command, options: Options): UsageError {
  const hint = `See memory-sync ${command.name} --help`;
  const unknown = /^Unknown option '(--?[^'=]*)/.exec(error.message)?.[1];
  if (unknown === "--token")
    return new UsageError(
      "There is no --token: others on this machine can read command lines",
      "Set MCP_MEMORY_TOKEN or SYNC_TOKEN, or pass --token-file FILE",
    );
  if (unknown !== undefined) {
    if (command.positionals !== undefined && !unknown.startsWith("--"))
      return new UsageError(
        `${command.name} has no option ${unknown}`,
        "Arguments that begin with a dash go after --",
      );
    const guess = didYouMean(unknown.replace(/^-+/, ""), Object.keys(options));
    return new UsageError(`${command.name} has no option ${unknown}`, guess?.replace('"', '"--') ?? hint);
  }
  const [, known = ""] = /^Option '(?:-\w, )?--([\w-]+)/.exec(error.message) ?? [];
  const option = options[known];
  if (option?.type === "string")
    return new UsageError(`--${known} wants a value: --${known} ${option.value ?? "VALUE"}`, hint);
  if (option !== undefined) return new UsageError(`--${known} takes no value`, hint);
  if (error.code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL")
    return new UsageError(`${command.name} takes no arguments but options`, hint);
  return new UsageError(error.message.split(/\.\s/)[0] ?? error.message, hint);
}

/** How a failure ends the program; undefined for what is a mistake in the program itself. */
function outcomeOf(error: unknown): Outcome | undefined {
  if (error instanceof UsageError) return "usage";
  if (error instanceof AppError) return OUTCOME_OF[error.code];
  // The disk or its permissions refused: the message names the file.
  if (isSystemError(error)) return "problem";
  if (!(error instanceof RemoteError)) return undefined;
  if (error.code !== undefined && error.code !== "internal") return OUTCOME_OF[error.code];
  return OUTCOME_OF_FAILURE[error.kind];
}

function textOf(value: string | boolean | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
