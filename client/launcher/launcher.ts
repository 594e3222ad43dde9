import { VARIABLES, type Env } from "../home/home.ts";
import { batchText, shellWord } from "./quote.ts";

/** What a launcher starts, and with which surroundings. All paths are absolute. */
export interface LauncherFacts {
  /** The Node that installed the client: hooks and schedulers have no PATH of their own to find one. */
  node: string;
  bundle: string;
  /** The client's log of hooks, for a Node that is gone. */
  hookLog: string;
  /** What the installing shell had set and a hook or a scheduler does not see. */
  variables: Readonly<Record<string, string>>;
}

/** Variables that a desktop start, cron or a hook does not inherit from the shell in which the client was installed. */
const KEPT = [VARIABLES.home, VARIABLES.claudeFolder, VARIABLES.codexFolder, "NODE_EXTRA_CA_CERTS"] as const;

/** Those that are set, for `LauncherFacts`. Tokens and the server's address are in files. */
export function keptVariables(env: Env): Record<string, string> {
  return Object.fromEntries(
    KEPT.flatMap((name) => {
      const value = env[name];
      return value === undefined || value === "" ? [] : [[name, value] as const];
    }),
  );
}

/**
 * A program for `sh` that starts the client. A hook must end well whatever happens, so without Node it leaves a
 * line in the hook's log and ends with 0.
 */
export function shellLauncher({ node, bundle, hookLog, variables }: LauncherFacts): string {
  const settings = Object.entries(variables).map(
    ([name, value]) => `[ -n "\${${name}+set}" ] || export ${name}=${shellWord(value)}`,
  );
  return `#!/bin/sh
# Written by \`memory-sync install\`, which writes it again.
${settings.map((line) => `${line}\n`).join("")}node=${shellWord(node)}
[ -x "$node" ] || node=$(command -v node) || {
  said="memory-sync: there is no Node any more; install Node 20 or later, then run memory-sync install again"
  [ "$1" = claude-hook ] || { echo "$said" >&2; exit 1; }
  echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $said" >>${shellWord(hookLog)} 2>/dev/null
  exit 0
}
exec "$node" ${shellWord(bundle)} "$@"
`;
}

/** The same as a batch file. Its lines end as the command processor wants them. */
export function batchLauncher({ node, bundle, variables }: LauncherFacts): string {
  const settings = Object.entries(variables).map(
    ([name, value]) => `if not defined ${name} set "${name}=${batchText(value)}"`,
  );
  const lines = ["@echo off", ...settings, `"${batchText(node)}" "${batchText(bundle)}" %*`, ""];
  return lines.join("\r\n");
}
