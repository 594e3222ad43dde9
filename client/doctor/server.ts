import { readFile } from "node:fs/promises";
import { LIMITS } from "../../contract/limits.ts";
import { sha256 } from "../../disk/digest.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { formatDuration } from "../format.ts";
import { commandFor, installLine, type Facts } from "./facts.ts";
import { fail, ok, warn, type Finding } from "./finding.ts";
import type { Said } from "./server-facts.ts";
import { isPrivate, tlsFinding } from "./tls.ts";

/** Whether there is a server, whether this client is as new as it, and whether their clocks agree. */
export async function serverFindings(facts: Facts): Promise<Finding[]> {
  const { server, config } = facts;
  if (server === undefined) return [];
  const { unreachable } = server;
  if (unreachable !== undefined) {
    const tls = tlsFinding(unreachable, facts);
    const isSet = config.urlFrom !== "default";
    const advice = isSet
      ? (unreachable.hint ?? "Is the server running, and its url right?")
      : `This machine is told of no server: ${commandFor(facts, "install --url URL")}`;
    return [fail("server.reachable", unreachable.message, { advice }), ...(tls === undefined ? [] : [tls])];
  }
  const version = [server.ai, server.sync]
    .map(identityIn)
    .find((identity) => identity !== undefined)?.version;
  const said = version === undefined ? "" : `, version ${version}`;
  return [
    ok("server.reachable", `${config.url} answers${said}`),
    ...(await versionFindings(facts, server.bundle)),
    wayFinding(config.url),
    ...clockFindings([server.ai, server.sync]),
  ];
}

async function versionFindings({ programs, config }: Facts, offered: string | undefined): Promise<Finding[]> {
  const installed = await unlessMissing(readFile(programs.bundle));
  if (offered === undefined || installed === undefined) return [];
  const id = "server.version";
  if (sha256(installed) === offered) return [ok(id, "the client is the one that the server hands out")];
  const command = installLine(config.url);
  return [warn(id, "the server hands out another client than the one here", { command })];
}

/** On a way that others share, whoever listens gets the tokens. */
function wayFinding(url: string): Finding {
  const id = "server.tls";
  const { protocol, hostname } = new URL(url);
  if (protocol === "https:") return ok(id, "the server's certificate is trusted");
  if (isPrivate(hostname)) return ok(id, "http, within this machine or a private network");
  const advice = "Give the server a certificate (docs/deploy.md), then memory-sync install --url https://…";
  return warn(id, `http to ${hostname}: tokens and sessions can be read on their way`, { advice });
}

function clockFindings(all: readonly (Said | undefined)[]): Finding[] {
  const [aheadMs] = all.flatMap((said) => (said !== undefined && "aheadMs" in said ? said.aheadMs : []));
  if (aheadMs === undefined) return [];
  const { clockWarnMs, clockFailMs } = LIMITS.client;
  const offMs = Math.abs(aheadMs);
  const id = "clock";
  if (offMs <= clockWarnMs) return [ok(id, "this machine and the server agree on the time")];
  const message = `this machine is ${formatDuration(offMs)} ${aheadMs > 0 ? "behind" : "ahead of"} the server`;
  const advice = "Set the clock that is wrong; time servers (NTP) keep it right";
  return [(offMs > clockFailMs ? fail : warn)(id, message, { advice })];
}

function identityIn(said: Said | undefined) {
  return said !== undefined && "identity" in said ? said.identity : undefined;
}
