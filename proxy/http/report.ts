import { ProxyFault } from "./fault.ts";
import type { Log } from "../log.ts";

/**
 * Logs why an exchange failed. Of errors that are not the proxy's own only name, code and place are said: their messages may
 * quote what was sent, as those of JSON.parse do.
 */
export function report(
  log: Log,
  error: unknown,
  { path, hasBegun }: { path: string; hasBegun: boolean },
): void {
  if (error instanceof ProxyFault) return log.warn(error.message, { path, why: labelOf(error.cause) });
  if (hasBegun) return log.warn("The answer broke off", { path, why: labelOf(error) });
  log.error("The memory proxy failed", { path, why: labelOf(error), at: placesOf(error) });
}

function labelOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return "code" in error && typeof error.code === "string" ? `${error.name} ${error.code}` : error.name;
}

function placesOf(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  return stack
    .split("\n")
    .filter((line) => /^ +at /.test(line))
    .map((line) => line.trim());
}
