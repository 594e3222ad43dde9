import { parseArgs } from "node:util";
import { AppError } from "../../contract/errors.ts";
import { Role, type TokenEntry } from "../../contract/wire.ts";
import { withAdmin } from "./admin-connection.ts";

export const TOKEN_USAGE = `federated-memory token create --role ai|sync|admin|metrics --name NAME [--workspaces 'laptop-*,…'] [--writes 'laptop-*,…'] [--expires 90d]
federated-memory token list [--json]
federated-memory token revoke ID`;

/** `federated-memory token …`: named, scoped, revocable tokens. */
export async function token(argv: string[], memoryRoot: string): Promise<string> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      role: { type: "string" },
      name: { type: "string" },
      workspaces: { type: "string" },
      writes: { type: "string" },
      expires: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const [action, id] = positionals;
  if (action === "create") {
    const { entry, secret } = await withAdmin(memoryRoot, (admin) => admin.createToken(wish(values)));
    if (values.json) return JSON.stringify({ ...entry, token: secret }, null, 2);
    return `${secret}\n\n${line(entry)}\nThe token above is shown once. The server keeps its hash only.`;
  }
  if (action === "list") {
    const tokens = await withAdmin(memoryRoot, (admin) => admin.listTokens());
    if (values.json) return JSON.stringify({ tokens }, null, 2);
    return tokens.length === 0 ? "No named tokens." : tokens.map(line).join("\n");
  }
  if (action === "revoke" && id !== undefined) {
    const entry = await withAdmin(memoryRoot, (admin) => admin.revokeToken(id));
    return `Revoked ${entry.id} (${entry.name}).`;
  }
  throw new AppError("invalid_input", `Usage:\n${TOKEN_USAGE}`);
}

function wish(values: {
  role?: string | undefined;
  name?: string | undefined;
  workspaces?: string | undefined;
  writes?: string | undefined;
  expires?: string | undefined;
}) {
  const role = Role.safeParse(values.role);
  if (!role.success) throw new AppError("invalid_input", "--role: ai, sync, admin or metrics");
  if (values.name === undefined) throw new AppError("invalid_input", "--name: say what the token is for");
  const workspaces = patterns(values.workspaces);
  const writes = patterns(values.writes);
  return { role: role.data, name: values.name, workspaces, writes, expires: values.expires };
}

function patterns(list: string | undefined): string[] | undefined {
  return list?.split(",").filter((pattern) => pattern.trim() !== "");
}

function line(entry: TokenEntry): string {
  const state =
    entry.revoked_at !== undefined
      ? "revoked"
      : entry.expires_at === undefined
        ? "valid"
        : `until ${entry.expires_at}`;
  return [
    entry.id,
    entry.role.padEnd(7),
    state,
    `last used ${entry.last_used ?? "never"}`,
    entry.workspaces.join(","),
    ...(entry.writes === undefined ? [] : [`writes ${entry.writes.join(",")}`]),
    entry.name,
  ].join("  ");
}
