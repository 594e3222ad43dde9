import { parseArgs } from "node:util";
import { AppError } from "../../contract/errors.ts";
import { isPlainUrl } from "../../contract/plain-url.ts";
import { slugify } from "../../contract/names.ts";
import type { JoinEntry, MadeJoin, TokenEntry } from "../../contract/wire.ts";
import { readPublicUrl } from "../config.ts";
import { readLocalAdmin } from "../storage/local-admin.ts";
import { assertExists } from "../storage/memory-root.ts";
import { withAdmin } from "./admin-connection.ts";
import { assertHandsOut } from "./hands-out.ts";

export const JOIN_USAGE = `federated-memory join --machine NAME [--read 'laptop-*,…'] [--expires 90d] [--minutes 15] [--url URL] [--json]
                                                         one line for a machine: it installs the client with tokens of its own
federated-memory join list [--json]
federated-memory join revoke ID`;

const OPTIONS = {
  machine: { type: "string" },
  read: { type: "string" },
  expires: { type: "string" },
  minutes: { type: "string" },
  url: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

/** `federated-memory join …`: codes that are exchanged, once, for a machine's own tokens. */
export async function join(argv: string[], memoryRoot: string): Promise<string> {
  const { values, positionals } = parseArgs({ args: argv, allowPositionals: true, options: OPTIONS });
  const [action, id] = positionals;
  if (action === undefined) return create(values, memoryRoot);
  if (action === "list") {
    const joins = await withAdmin(memoryRoot, (admin) => admin.listJoins());
    if (values.json) return JSON.stringify({ joins }, null, 2);
    return joins.length === 0 ? "No join codes." : joins.map(line).join("\n");
  }
  if (action === "revoke" && id !== undefined) {
    const entry = await withAdmin(memoryRoot, (admin) => admin.revokeJoin(id));
    return `Revoked ${entry.id} (${entry.machine}).`;
  }
  throw new AppError("invalid_input", `Usage:\n${JOIN_USAGE}`);
}

interface Wanted {
  machine?: string | undefined;
  read?: string | undefined;
  expires?: string | undefined;
  minutes?: string | undefined;
  url?: string | undefined;
  json?: boolean | undefined;
}

async function create(wanted: Wanted, memoryRoot: string): Promise<string> {
  const { machine, expires } = wanted;
  if (machine === undefined) throw new AppError("invalid_input", "--machine: say which machine will join");
  const minutes = wanted.minutes === undefined ? undefined : Number(wanted.minutes);
  const read = wanted.read?.split(",").filter((pattern) => pattern.trim() !== "");
  // Looked for first: a code that nobody can be told how to use is not made.
  await assertExists(memoryRoot);
  const running = await readLocalAdmin(memoryRoot);
  const known = wanted.url ?? readPublicUrl() ?? running?.url;
  if (known === undefined) throw noUrl();
  plainUrl(known);
  await assertHandsOut(running);
  const { made, earlier } = await withAdmin(memoryRoot, async (admin) => ({
    made: await admin.createJoin({ machine, read, expires, minutes }),
    earlier: (await admin.listTokens()).filter(
      (token) => token.machine === slugify(machine) && isValid(token),
    ),
  }));
  const url = plainUrl(wanted.url ?? made.url ?? known);
  warn(url);
  tellOf(earlier);
  return wanted.json ? JSON.stringify({ ...made.entry, code: made.code, url }, null, 2) : told(made, url);
}

/** What the machine's owner pastes there. */
function told({ entry, code }: MadeJoin, url: string): string {
  return `bash:
  curl -fsSL ${url}/install.sh | bash -s -- --join ${code}
PowerShell:
  & ([scriptblock]::Create((irm ${url}/install.ps1))) -Join ${code}
valid until ${entry.expires_at}`;
}

function plainUrl(url: string): string {
  const plain = url.replace(/\/+$/, "");
  if (isPlainUrl(plain)) return plain;
  throw new AppError("invalid_input", "--url: an http(s) URL such as https://memory.example");
}

function noUrl(): AppError {
  return new AppError("invalid_input", "--url: needed while no server runs and PUBLIC_URL is not set", {
    hint: "The address under which the machine will reach this server, such as https://memory.example",
  });
}

const LOOPBACK = /^(localhost|127\.[\d.]+|\[::1\])$/;

function warn(url: string): void {
  const { protocol, hostname } = new URL(url);
  if (LOOPBACK.test(hostname))
    process.stderr.write(
      `${url} is this machine's own: others cannot use it. Name another with --url or PUBLIC_URL.\n`,
    );
  else if (protocol === "http:")
    process.stderr.write(`${url} is not encrypted: whoever sees the traffic sees the tokens.\n`);
}

function isValid({ revoked_at, expires_at }: TokenEntry): boolean {
  return revoked_at === undefined && (expires_at === undefined || Date.parse(expires_at) > Date.now());
}

/** Joining again ends nothing: the machine may be another one with the same name. */
function tellOf(earlier: readonly TokenEntry[]): void {
  const [first] = earlier;
  if (first === undefined) return;
  const ids = earlier.map(({ id, role }) => `${id} (${role})`).join(", ");
  process.stderr.write(
    `${first.machine} has joined before; its tokens stay valid: ${ids}\nTo end them, once it has new ones: federated-memory token revoke ID\n`,
  );
}

function line({ id, machine, read, expires_at, used_at }: JoinEntry): string {
  const state = used_at === undefined ? `until ${expires_at}` : `used ${used_at}`;
  return [id, state, machine, `reads ${read.join(",")}`].join("  ");
}
