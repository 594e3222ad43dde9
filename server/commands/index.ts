import { isAbsolute, relative, resolve, sep } from "node:path";
import { AppError } from "../../contract/errors.ts";
import { didYouMean } from "../../contract/nearest.ts";
import { isErrno } from "../../disk/errno.ts";
import { ConfigError, readMemoryRoot } from "../config.ts";
import { VERSION } from "../version.ts";
import { backup } from "./backup.ts";
import { COMMANDS, helpFor } from "./help.ts";
import { join } from "./join.ts";
import { reindex } from "./reindex.ts";
import { restore } from "./restore.ts";
import { serve } from "./serve.ts";
import { status } from "./status.ts";
import { token } from "./token.ts";
import { verify } from "./verify.ts";
import { workspace } from "./workspace.ts";

const OK = 0;
const PROBLEM = 1;
const USAGE_FAULT = 2;
const INCOMPLETE = 3;

/** The command line of the server. Returns the exit code: 0 ok, 1 problem, 2 usage. stdout is for data, stderr for talk. */
export async function run(argv: string[]): Promise<number> {
  const [name = "serve", ...rest] = argv;
  if (argv.includes("--help") || argv.includes("-h")) return say(helpFor(argv));
  try {
    switch (name) {
      case "serve":
      case "--dev":
        await serve({ dev: argv.includes("--dev") });
        return OK;
      case "join":
        return say(await join(rest, readMemoryRoot()));
      case "token":
        return say(await token(rest, readMemoryRoot()));
      case "workspace":
        return say(await workspace(rest, readMemoryRoot()));
      case "status":
        return say(await status(rest, readMemoryRoot()));
      case "reindex":
        return say(await reindex(rest, readMemoryRoot()));
      case "backup":
        return sayVerdict(await backup(rest, readMemoryRoot()), INCOMPLETE);
      case "restore":
        return sayVerdict(await restore(rest));
      case "verify":
        return sayVerdict(await verify(rest, readMemoryRoot()));
      case "help":
        return say(helpFor(argv));
      case "--version":
        return say(VERSION);
      default:
        throw new AppError("invalid_input", `No such command: "${name}"`, {
          hint: didYouMean(name, COMMANDS) ?? "See federated-memory --help",
        });
    }
  } catch (error) {
    return explain(error);
  }
}

/** What stopped a start or a command, in a sentence; anything unexpected stays an error with its stack. */
export function explain(error: unknown): number {
  if (error instanceof ConfigError) {
    process.stderr.write(`The configuration is not usable:\n${error.message.replaceAll(/^/gm, "  ")}\n`);
    return USAGE_FAULT;
  }
  if (error instanceof AppError) {
    process.stderr.write(`${error.message}${error.hint === undefined ? "" : `\n${error.hint}`}\n`);
    return error.code === "invalid_input" ? USAGE_FAULT : PROBLEM;
  }
  if (
    error instanceof Error &&
    isErrno(error, "ERR_PARSE_ARGS_UNKNOWN_OPTION", "ERR_PARSE_ARGS_INVALID_OPTION_VALUE")
  ) {
    process.stderr.write(`${error.message.split(". ")[0]}\nSee federated-memory --help\n`);
    return USAGE_FAULT;
  }
  if (isErrno(error, "EACCES", "EPERM", "EROFS", "ENOENT", "ENOTDIR", "EEXIST", "ENAMETOOLONG", "ELOOP")) {
    process.stderr.write(unusable(error));
    return PROBLEM;
  }
  throw error;
}

/** A backup and where one is restored to lie elsewhere than the store; what leads to the store counts as part of it. */
function unusable({ code, path }: NodeJS.ErrnoException): string {
  const root = resolve(readMemoryRoot());
  if (path === undefined || isBelow(root, path) || isBelow(path, root)) {
    const place = path === undefined ? "" : ` (${path})`;
    return `MEMORY_ROOT cannot be used: ${code}${place}\nIt must be a folder that belongs to the user that runs the server.\n`;
  }
  return `${path} cannot be used: ${code}\nIs the path right, and may the user that runs this read and write there?\n`;
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Undefined: the command has written its output itself. */
function say(text: string | undefined): number {
  if (text !== undefined) process.stdout.write(`${text}\n`);
  return OK;
}

function sayVerdict(
  { text, isWhole }: { text: string | undefined; isWhole: boolean },
  otherwise = PROBLEM,
): number {
  say(text);
  return isWhole ? OK : otherwise;
}
