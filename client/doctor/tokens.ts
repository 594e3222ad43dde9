import { LIMITS } from "../../contract/limits.ts";
import type { WhoAmI } from "../../contract/wire.ts";
import { keptElsewhere } from "../config.ts";
import { formatDuration, withHint } from "../format.ts";
import { commandFor, type Facts } from "./facts.ts";
import { fail, ok, warn, type Finding } from "./finding.ts";
import type { Said } from "./server-facts.ts";

/** Whether each token is there, is taken, and may do what it is for. */
export function tokenFindings(facts: Facts): Finding[] {
  const { server } = facts;
  if (server === undefined || server.unreachable !== undefined) return missingFindings(facts);
  return [tokenFinding(facts, "ai", server.ai), tokenFinding(facts, "sync", server.sync)];
}

const NAMES = { ai: "AI token", sync: "sync token" } as const;
const WITHOUT = {
  ai: "no agent of this machine can search",
  sync: "nothing is sent from this machine",
} as const;
type Kind = keyof typeof NAMES;

function missingFindings(facts: Facts): Finding[] {
  const held = { ai: facts.config.aiToken, sync: facts.config.syncToken };
  return (["ai", "sync"] as const)
    .filter((kind) => held[kind] === undefined)
    .map((kind) => missing(facts, kind));
}

function missing(facts: Facts, kind: Kind): Finding {
  const { aiToken, syncToken } = facts.config;
  // A machine may be there only to read, or only to feed.
  const judge = (aiToken ?? syncToken) === undefined ? fail : warn;
  const elsewhere = keptElsewhere(facts.config);
  if (elsewhere !== undefined)
    return judge(`token.${kind}`, `there is no ${NAMES[kind]} for this server: ${elsewhere.message}`, {
      advice: elsewhere.hint,
    });
  return judge(`token.${kind}`, `there is no ${NAMES[kind]}: ${WITHOUT[kind]}`, { advice: another(facts) });
}

function another(facts: Facts): string {
  return `Have an admin run federated-memory join --machine ${facts.config.machine}, then: ${commandFor(facts, "install --join-file -")}`;
}

function tokenFinding(facts: Facts, kind: Kind, said: Said | undefined): Finding {
  const id = `token.${kind}`;
  if (said === undefined) return missing(facts, kind);
  const advice = another(facts);
  if ("error" in said) {
    const { kind: failure, message, hint } = said.error;
    const origin = failure === "auth" ? `It comes from ${placeOf(facts, kind)}` : hint;
    return fail(id, withHint(message, origin), { advice });
  }
  const { name, role, workspaces, writes = workspaces } = said.identity;
  if (role !== kind)
    return fail(id, `"${name}" from ${placeOf(facts, kind)} is a token of role ${role}, not ${kind}`, {
      advice,
    });
  if (kind === "sync" && !writes.some((pattern) => covers(pattern, facts.config.machine)))
    return fail(
      id,
      `"${name}" may not write to the workspaces of ${facts.config.machine}, only to ${writes.join(", ")}`,
      {
        advice,
      },
    );
  return endFinding(facts, kind, said.identity);
}

/** A token that ends is replaced in time, or everything stands still. */
function endFinding(facts: Facts, kind: Kind, { name, role, expires_at: end }: WhoAmI): Finding {
  const id = `token.${kind}`;
  const what = `"${name}" from ${placeOf(facts, kind)}, of role ${role}`;
  if (end === undefined) return ok(id, what);
  const leftMs = Date.parse(end) - facts.nowMs;
  const said = `${what}, and ends in ${formatDuration(leftMs)}`;
  if (leftMs >= LIMITS.client.tokenEndsSoonMs) return ok(id, said);
  return warn(id, said, { advice: another(facts) });
}

/** True when a pattern may match a workspace of the machine: whose beginnings agree. */
function covers(pattern: string, machine: string): boolean {
  const [beginning = ""] = pattern.split("*");
  const wanted = `${machine}-`;
  return beginning.startsWith(wanted) || wanted.startsWith(beginning);
}

function placeOf({ config }: Facts, kind: Kind): string {
  return (kind === "ai" ? config.aiToken : config.syncToken)?.place ?? "nowhere";
}

/** Whether a shell that was open for long still has another token than the one that is kept. */
export function variableFindings({ config, credentials }: Facts): Finding[] {
  const kept = { aiToken: credentials.ai_token, syncToken: credentials.sync_token };
  const others = (["aiToken", "syncToken"] as const).flatMap((name) => {
    const token = config[name];
    if (token?.from !== "environment" || kept[name] === undefined || kept[name] === token.secret) return [];
    const advice = `Unset ${token.place}, or open a new terminal`;
    return warn("token.env", `${token.place} holds another token than credentials.json, and goes before it`, {
      advice,
    });
  });
  return [...copyFindings(config.passedOver), ...others];
}

/** Codex knows nothing of our files: it takes what the terminal has. */
function copyFindings(variable: string | undefined): Finding[] {
  if (variable === undefined) return [];
  const message = `${variable} of this terminal is an earlier token that installing put there; Codex would take it`;
  return [warn("token.env", message, { advice: "Open a new terminal, and start Codex there" })];
}
