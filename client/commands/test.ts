import type { WhoAmI } from "../../contract/wire.ts";
import { keptElsewhere, type Config } from "../config.ts";
import { isExposed } from "../credentials.ts";
import { plain } from "../format.ts";
import { RemoteError } from "../remote/remote-error.ts";
import { Reader } from "../remote/reader.ts";
import { defineCommand } from "./command.ts";
import type { Outcome } from "./exit.ts";

const EXPECTED = {
  ai: "read and search, write its own overview",
  sync: "register workspaces and upload",
} as const;
type Kind = keyof typeof EXPECTED;

const MISSING = {
  ai: { message: "there is no AI token", hint: "Set MCP_MEMORY_TOKEN or ai_token in credentials.json" },
  sync: { message: "there is no sync token", hint: "Set SYNC_TOKEN or sync_token in credentials.json" },
} as const satisfies Record<Kind, { message: string; hint: string }>;

/** What one token turned out to be. */
interface Check {
  token: Kind;
  outcome: Outcome;
  message: string;
  hint?: string;
  /** Where the token lies. */
  from?: string;
  identity?: WhoAmI;
}

export const test = defineCommand({
  name: "test",
  summary: "Reach the server with both tokens and say what each may do",
  options: {},
  details: "Exit code 3: a token is missing or refused. 4: the server cannot be reached.",
  async run(context) {
    const config = await context.config();
    const checks = [await check(config, "ai"), await check(config, "sync")];
    const exposed = await isExposed(context.environment.home);
    const outcome = worstOf(checks);

    context.output.answer({ url: config.url, machine: config.machine, checks }, () => screen(config, checks));
    if (exposed)
      context.output.warn(`${context.environment.home.credentials} can be read by others: chmod 600 it`);
    if (config.passedOver !== undefined)
      context.output.warn(
        `${config.passedOver} of this terminal is an earlier token that installing put there; it is passed over here. Open a new terminal`,
      );
    return outcome;
  },
});

async function check(config: Config, token: Kind): Promise<Check> {
  const presented = token === "ai" ? config.aiToken : config.syncToken;
  const from = presented === undefined ? {} : { from: presented.place };
  try {
    // Without a token too: it still tells whether there is a server.
    const identity = await new Reader(config.url, presented).whoAmI();
    if (identity.role !== token)
      return {
        token,
        ...from,
        identity,
        outcome: "auth",
        message: `this is a token of role ${identity.role}, not ${token}`,
      };
    return {
      token,
      ...from,
      identity,
      outcome: "ok",
      message: `"${identity.name}" may ${EXPECTED[token]}: ${scopeOf(identity)}`,
    };
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    const outcome = outcomeOf(error);
    if (presented === undefined && outcome === "auth")
      return { token, outcome, ...(keptElsewhere(config) ?? MISSING[token]) };
    return { token, ...from, outcome, message: error.message, ...hintOf(error) };
  }
}

/** What it reaches, and what of that it may change where that is less. */
function scopeOf({ workspaces, writes }: WhoAmI): string {
  const all = workspaces.join(", ");
  return writes === undefined || writes.join(", ") === all
    ? all
    : `${all} (writes only to ${writes.join(", ")})`;
}

function outcomeOf({ kind, status }: RemoteError): Outcome {
  if (kind === "auth" || status === 403) return "auth";
  return kind === "refused" ? "problem" : "network";
}

function hintOf({ hint }: { hint?: string | undefined }): { hint?: string } {
  return hint === undefined ? {} : { hint };
}

/** A server that cannot be reached explains everything else; then the tokens count. */
function worstOf(checks: readonly Check[]): Outcome {
  const outcomes = new Set(checks.map(({ outcome }) => outcome));
  return (["network", "auth", "problem"] as const).find((bad) => outcomes.has(bad)) ?? "ok";
}

function screen(config: Config, checks: readonly Check[]): string {
  const server = checks.find(({ identity }) => identity !== undefined)?.identity;
  const lines = [
    `server   ${plain(config.url)} (from the ${config.urlFrom})${server === undefined ? "" : `, ${plain(server.server)} ${plain(server.version)}`}`,
    `machine  ${config.machine}`,
  ];
  for (const { token, outcome, message, hint, from } of checks) {
    lines.push(`${token.padEnd(7)}  ${outcome === "ok" ? "ok" : "FAILED"}: ${plain(message)}`);
    const origin = from === undefined ? undefined : `It comes from ${from}`;
    const said = hint?.startsWith(origin ?? hint) === true ? [hint] : [origin, hint];
    for (const line of said) if (line !== undefined) lines.push(`         ${plain(line)}`);
  }
  return lines.join("\n");
}
