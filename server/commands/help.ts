import { LIMITS } from "../../contract/limits.ts";
import { VERSION } from "../version.ts";
import { BACKUP_USAGE } from "./backup.ts";
import { JOIN_USAGE } from "./join.ts";
import { REINDEX_USAGE } from "./reindex.ts";
import { RESTORE_USAGE } from "./restore.ts";
import { STATUS_USAGE } from "./status.ts";
import { TOKEN_USAGE } from "./token.ts";
import { VERIFY_USAGE } from "./verify.ts";
import { WORKSPACE_USAGE } from "./workspace.ts";

const SERVE_USAGE = `federated-memory [serve]                                 start the server; configured by the environment alone (SPEC.md)`;
const WHERE =
  "Admin commands act on MEMORY_ROOT (default /data/memory), through the running server when there is one.";
const EXPIRES = "12h, 90d, 2w, or a date such as 2027-01-31; without it, never";
const JSON_OPTION = ["--json", "the answer as JSON"] as const;

/** A command's own help: how it is called, and each option with what it means. */
interface CommandHelp {
  usage: string;
  options: readonly (readonly [option: string, meaning: string])[];
}

/** Every command by its name. */
const HELP: ReadonlyMap<string, CommandHelp> = new Map<string, CommandHelp>([
  [
    "serve",
    {
      usage: SERVE_USAGE,
      options: [
        ["MCP_TOKEN", "required: an AI token for everything; `openssl rand -hex 32` makes one"],
        ["SYNC_TOKEN", "a sync token for everything; machines that join need none"],
        ["MEMORY_ROOT", "where everything is kept; /data/memory"],
        ["HOST, PORT", "where to listen; 127.0.0.1 and 8000"],
        ["PUBLIC_URL", "the address under which machines reach it; or ALLOWED_HOSTS, its names"],
      ],
    },
  ],
  [
    "join",
    {
      usage: JOIN_USAGE,
      options: [
        ["--machine NAME", "the machine that will join; it writes to NAME-… only"],
        ["--read PATTERNS", "ids or patterns that its AI may read, with commas between; without it, all"],
        ["--expires WHEN", `the end of its tokens: ${EXPIRES}`],
        [
          "--minutes N",
          `how long the code works: ${LIMITS.joins.minutes}, at most ${LIMITS.joins.longestMinutes}`,
        ],
        [
          "--url URL",
          "where the machine reaches this server; without it PUBLIC_URL, or the running server's own",
        ],
        JSON_OPTION,
      ],
    },
  ],
  [
    "token",
    {
      usage: TOKEN_USAGE,
      options: [
        [
          "--role ROLE",
          "ai reads and searches, sync uploads, admin administers, metrics sees /metrics alone",
        ],
        ["--name NAME", "what it is for, as `token list` shows it"],
        ["--workspaces PATTERNS", "ids or patterns of its scope, with commas between; without it, all"],
        ["--writes PATTERNS", "those of them that it may also write to; without it, all of its scope"],
        ["--expires WHEN", EXPIRES],
        JSON_OPTION,
      ],
    },
  ],
  ["workspace", { usage: WORKSPACE_USAGE, options: [] }],
  ["status", { usage: STATUS_USAGE, options: [JSON_OPTION] }],
  ["reindex", { usage: REINDEX_USAGE, options: [] }],
  [
    "backup",
    {
      usage: BACKUP_USAGE,
      options: [
        ["DIR", "a folder outside MEMORY_ROOT; each backup is a dated folder in it"],
        ["--keep DAYS", "of how many days the newest stays; those of the last 24 hours stay in any case"],
        ["--tar FILE", "one tar in the place of a folder; - writes it to the output"],
        JSON_OPTION,
      ],
    },
  ],
  [
    "restore",
    {
      usage: RESTORE_USAGE,
      options: [
        ["BACKUP", "a dated folder, or a tar; - reads a tar from the input"],
        ["--into DIR", "the new MEMORY_ROOT: missing or empty"],
        ["--verify", "looks for damage in it afterwards"],
      ],
    },
  ],
  [
    "verify",
    {
      usage: VERIFY_USAGE,
      options: [
        ["BACKUP or DIR", "what to look at; without it MEMORY_ROOT"],
        ["--against BACKUP", "compares with a backup: finds knowledge that a bad disk changed"],
        JSON_OPTION,
      ],
    },
  ],
]);

/** The commands there are. */
export const COMMANDS = [...HELP.keys(), "help"];

/** What `--help` prints: the help of the command that is named, else of all. */
export function helpFor(argv: readonly string[]): string {
  const name = argv.find((word) => !word.startsWith("-") && word !== "help");
  const help = name === undefined ? undefined : HELP.get(name);
  return help === undefined ? allHelp() : oneHelp(help);
}

function allHelp(): string {
  const usages = [...HELP.values()].map(({ usage }) => usage);
  return [
    `federated-memory ${VERSION}`,
    "",
    ...usages,
    "",
    WHERE,
    "federated-memory COMMAND --help says what its options mean.",
  ].join("\n");
}

function oneHelp({ usage, options }: CommandHelp): string {
  const width = Math.max(0, ...options.map(([option]) => option.length)) + 2;
  const lines = options.map(([option, meaning]) => `  ${option.padEnd(width)}${meaning}`);
  return [
    usage,
    ...(lines.length === 0 ? [] : ["", ...lines]),
    ...(usage === SERVE_USAGE ? [] : ["", WHERE]),
  ].join("\n");
}
