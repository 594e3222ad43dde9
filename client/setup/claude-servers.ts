import { isDeepStrictEqual } from "node:util";
import { AppError } from "../../contract/errors.ts";
import { Dotfile } from "../edit/dotfile.ts";
import type { Edit } from "../edit/edit.ts";
import { isJsonObject } from "../edit/json-value.ts";
import type { Json } from "../edit/jsonc.ts";
import { putIn, type PutIn } from "../edit/put-in.ts";
import type { SetupRecord } from "../edit/setup-record.ts";
import { takeBack, type TakenBack } from "../edit/take-back.ts";
import { isBridge, isOurServer, serversIn } from "./claude.ts";
import type { ClaudeProgram } from "./claude-program.ts";
import type { ServerStep } from "./step.ts";

/** Why a server of somebody else is enough. */
const KEPT = "there is one of this address already, written by somebody else; it stays";
const KEPT_BRIDGE =
  "there is one already that starts memory-sync mcp, which leads to the same server; it stays";

/** A server of somebody else that is enough. */
export interface Kept {
  readonly state: "kept";
  readonly why: string;
}

/**
 * Makes Claude Code know the server: by its own program where there is one, else in its file. `kept`: a server of this
 * address and name is there that somebody else wrote; it stays.
 */
export async function addServer(
  record: SetupRecord,
  step: ServerStep,
  claude: ClaudeProgram | undefined,
): Promise<PutIn | Kept> {
  const { path, name, entry, edit } = step;
  const present = await serverIn(path, name);
  const isOurs = present !== undefined && isOurServer(present);
  const why = await whyKept(step);
  if (why !== undefined) return { state: "kept", why };
  // Others may read a command line.
  const hasSecret = entry["headers"] !== undefined;
  if (isDeepStrictEqual(present, entry) || hasSecret || claude === undefined || !isFree(record, path))
    return putIn(record, path, edit);
  if (isOurs) await claude.removeServer(name);
  else if (present !== undefined) return putIn(record, path, edit);
  await claude.addServer(name, entry);
  const isThere = isDeepStrictEqual(await serverIn(path, name), entry);
  const put = await putIn(record, path, edit);
  return isThere && put.state === "already" ? { ...put, state: "done" } : put;
}

/** Why nothing is added, where somebody else told Claude Code of this server under this name; else undefined. */
export async function whyKept({ path, name, entry }: ServerStep): Promise<string | undefined> {
  const present = await serverIn(path, name);
  if (!isJsonObject(present) || isOurServer(present)) return undefined;
  if (isBridge(present)) return KEPT_BRIDGE;
  return present["url"] === entry["url"] ? KEPT : undefined;
}

/** Takes ours out of a file: servers that Claude Code's own program put in by that program, the rest by the record. */
export async function removeServers(
  record: SetupRecord,
  { path, servers, edit }: { path: string; servers: readonly string[]; edit: Edit },
  claude: ClaudeProgram | undefined,
): Promise<TakenBack> {
  const isByProgram = claude !== undefined && isFree(record, path);
  let isRemoved = false;
  for (const name of isByProgram ? servers : []) {
    const present = await serverIn(path, name);
    if (present === undefined || !isOurServer(present)) continue;
    await claude?.removeServer(name);
    isRemoved = (await serverIn(path, name)) === undefined;
  }
  const taken = await takeBack(record, path, edit);
  return isRemoved && taken.state === "gone"
    ? { state: "done", how: "structure", shifted: [], backup: undefined }
    : taken;
}

/** True when nothing stands in the record that was put into the file byte by byte. */
function isFree(record: SetupRecord, path: string): boolean {
  return (record.find(path)?.insertions.length ?? 0) === 0;
}

/** Undefined also for a file that cannot be read: whoever edits it says why. */
async function serverIn(path: string, name: string): Promise<Json | undefined> {
  try {
    const { text } = await Dotfile.read(path);
    return serversIn(text).find(([held]) => held === name)?.[1];
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
