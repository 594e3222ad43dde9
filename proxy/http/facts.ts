import { LIMITS } from "../../contract/limits.ts";
import type { Log } from "../log.ts";
import type { RewrittenRequest } from "../rewrite/rewrite-request.ts";

/** What the log says of one exchange. Neither headers, nor a query, nor a body. */
export interface Facts {
  path: string;
  stream?: boolean;
  tools?: readonly string[];
  renamed?: number;
  firstByteMs?: number;
}

/** What the log may say of a path. */
export function factsOf(path: string): Facts {
  return { path: path.slice(0, LIMITS.proxy.loggedPathChars) };
}

/** Of a request's target the path alone. A target that names a host may hold a password before it, and has no path of ours. */
export function pathOf(target: string): string {
  return target.startsWith("/") ? target.replace(/[?#].*$/s, "") : "";
}

/** Adds what a request said of itself. */
export function learn(facts: Facts, { stream, tools, renamed }: RewrittenRequest["facts"]): void {
  facts.stream = stream;
  facts.tools = tools.slice(0, LIMITS.proxy.loggedTools);
  facts.renamed = renamed;
}

/** The one line that an exchange leaves behind, when it is over. */
export function logExchange(
  log: Log,
  { path, firstByteMs, ...facts }: Facts,
  end: { status: number | undefined; ms: number; bytes: number; isCut: boolean },
): void {
  const { status, ms, bytes, isCut } = end;
  log.info(`Forwarding ${path}`, {
    ...facts,
    status,
    first_byte_ms: firstByteMs === undefined ? undefined : Math.round(firstByteMs),
    ms: Math.round(ms),
    bytes,
    ...(isCut ? { cut: true } : {}),
  });
}
