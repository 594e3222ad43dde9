import { parseArgs } from "node:util";
import { AppError } from "../../contract/errors.ts";
import type { IndexStatus } from "../../contract/wire.ts";
import { withAdmin } from "./admin-connection.ts";

export const STATUS_USAGE = `federated-memory status [--json]                         what the search index holds, what waits, and what failed and why`;

/** `federated-memory status`: how much of the memory the search index covers. */
export async function status(argv: string[], memoryRoot: string): Promise<string> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { json: { type: "boolean", default: false } },
  });
  if (positionals.length > 0) throw new AppError("invalid_input", `Usage:\n${STATUS_USAGE}`);
  const found = await withAdmin(memoryRoot, (admin) => admin.indexStatus());
  return values.json ? JSON.stringify(found, null, 2) : described(found);
}

const STATES = {
  ready: "ready",
  building: "building; what it does not hold yet is searched by reading",
  stopped: "no server is running; this is what the index held when one ran last",
} as const satisfies Record<IndexStatus["state"], string>;

/** A status for people, a line for each thing. */
export function described({
  state,
  problem,
  knowledge,
  sessions,
  failures,
  bytes,
  watching,
}: IndexStatus): string {
  const failed = failures.map(({ anchor, reason }) => `  ${anchor}: ${reason}`);
  // While it cannot work it has not come to watch yet.
  const isIdle = state === "stopped" || (problem !== undefined && watching.folders === 0);
  const unnamed = knowledge.failed + sessions.failed - failures.length;
  return [
    `search index  ${STATES[state]}`,
    ...(problem === undefined ? [] : [`problem       ${problem}`]),
    `knowledge     ${counts(knowledge)}  ${size(bytes.knowledge)}`,
    `sessions      ${counts(sessions)}  ${size(bytes.sessions)}`,
    ...(isIdle ? [] : [`watching      ${watched(watching)}`]),
    ...(failed.length === 0
      ? []
      : ["could not be indexed; searches try to read them, and say so if they cannot:", ...failed]),
    ...(unnamed > 0 ? [`  and ${unnamed} more`] : []),
  ].join("\n");
}

function counts({ indexed, pending, failed }: IndexStatus["knowledge"]): string {
  return `${indexed} indexed, ${pending} pending, ${failed} failed`;
}

function watched({ folders, complete }: IndexStatus["watching"]): string {
  return complete
    ? `${folders} folders`
    : `${folders} folders, all the system allows; changes by hand in others are seen within a minute`;
}

const UNITS = ["B", "KiB", "MiB", "GiB"] as const;
const STEP = 1024;

function size(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${(bytes / STEP ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`;
}
