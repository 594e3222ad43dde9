import { join } from "node:path";
import { AppError } from "../../contract/errors.ts";
import { WorkspaceId } from "../../contract/ids.ts";
import { LIMITS } from "../../contract/limits.ts";
import { isTempName } from "../../disk/atomic-file.ts";
import { Folder } from "../../disk/folder.ts";
import { mapBounded } from "../../disk/bounded.ts";
import { readJson } from "../storage/json-file.ts";
import { LAYOUT } from "../storage/layout.ts";
import { removeTemps } from "../storage/leftovers.ts";
import { Identity } from "./workspace.ts";

/** What the folders under `workspaces/` say. */
interface Identities {
  whole: Identity[];
  /** Ids of workspaces that have content or an identity file, but no identity that can be read. */
  damaged: string[];
}

/** Reads every identity, and empties folders of registrations that were cut short. Only at start. */
export async function readIdentities(root: string): Promise<Identities> {
  await using folder = await Folder.open(join(root, LAYOUT.workspaces));
  const ids = (await folder.names()).filter((name) => WorkspaceId.safeParse(name).success).sort();
  const found = await mapBounded(ids, LIMITS.concurrency.fileReads, async (id) => ({
    id,
    identity: await readIdentity(folder, id),
  }));
  return {
    whole: found.flatMap(({ identity }) => (typeof identity === "object" ? [identity] : [])),
    damaged: found.flatMap(({ id, identity }) => (identity === "damaged" ? [id] : [])),
  };
}

async function readIdentity(workspaces: Folder, id: string): Promise<Identity | "none" | "damaged"> {
  try {
    await using folder = await workspaces.enter(id);
    const found = await readJson(folder, LAYOUT.identity, Identity);
    if (found.state === "whole") return found.value.id === id ? found.value : "damaged";
    if (found.state === "damaged") return "damaged";
    if (!(await folder.names()).every(isTempName)) return "damaged";
    // A registration that was cut short before its commit point, the identity.
    await removeTemps(folder);
    return "none";
  } catch (error) {
    // A link, a file or a device where a folder or identity should be.
    if (error instanceof AppError) return "damaged";
    throw error;
  }
}
