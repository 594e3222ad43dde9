import { statfs } from "node:fs/promises";
import { LIMITS } from "../../contract/limits.ts";
import { RULES_VERSION } from "../../contract/redaction/rules.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { formatBytes } from "../format.ts";
import { commandFor, type Facts } from "./facts.ts";
import { fail, ok, warn, type Finding } from "./finding.ts";

const OLDEST_NODE = 20;

/** Whether what waits here finds room. */
export async function diskFindings({ environment: { home, userHome } }: Facts): Promise<Finding[]> {
  const disk = (await unlessMissing(statfs(home.root))) ?? (await statfs(userHome));
  return [diskFinding(disk.bavail * disk.bsize)];
}

/** The same, of a number of free bytes. */
export function diskFinding(freeBytes: number): Finding {
  const message = `${formatBytes(freeBytes)} free for what waits to be sent`;
  if (freeBytes >= LIMITS.client.homeFreeBytes) return ok("disk.free", message);
  return fail("disk.free", message, { advice: "Make room on this disk: sessions may be lost" });
}

/** Whether the Node that runs this one is new enough. */
export function nodeFindings(version: string = process.versions.node): Finding[] {
  if (Number.parseInt(version, 10) >= OLDEST_NODE) return [ok("node.version", `Node ${version}`)];
  const advice = `Install Node ${OLDEST_NODE} or later, then run memory-sync install again`;
  return [fail("node.version", `Node ${version} is older than ${OLDEST_NODE}`, { advice })];
}

/** Whether secrets are taken out, and were from everything that was sent. */
export function redactionFindings(facts: Facts): Finding[] {
  const { config, preview, nowMs } = facts;
  const id = "redaction";
  if (!config.redact) return [ok(id, "off: what is sent is what is there")];
  // A younger file may only wait for the end of its last line.
  const before = preview.plan.actions.filter(
    ({ known }) => known?.seen_ms === 0 && nowMs - known.mtime_ms > LIMITS.client.unfinishedLineMs,
  ).length;
  if (before === 0) return [ok(id, `on, with rules ${RULES_VERSION}`)];
  const what = before === 1 ? "1 file was" : `${before} files were`;
  return [
    warn(id, `on, but ${what} not looked at again since it is, or since its rules changed`, {
      command: commandFor(facts, "sync"),
    }),
  ];
}

/** Manifests and tracked files that cannot be used. */
export function manifestFindings({ preview: { problems } }: Facts): Finding[] {
  return problems.map(({ path, message, hint }) =>
    fail("manifests", `${path}: ${message}`, { advice: hint ?? "Mend this file" }),
  );
}
