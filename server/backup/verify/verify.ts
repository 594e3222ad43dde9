import { setTimeout as sleep } from "node:timers/promises";
import { LIMITS } from "../../../contract/limits.ts";
import { LAYOUT } from "../../storage/layout.ts";
import { finding, type Finding, type Look } from "./finding.ts";
import { knowledgeLooks } from "./knowledge.ts";
import { identityFindings, metaLooks, workspacesOf, type AccessSchemas } from "./meta.ts";
import { sessionLooks } from "./sessions.ts";
import { treeLooks } from "./tree.ts";

/**
 * All that is wrong with a store, as far as it can be told from the store alone: nothing is written and no lock is taken, so a
 * server may run on it. What somebody was just writing can look wrong: only what still does a moment later is told.
 */
export async function storeFindings(
  root: string,
  schemas: AccessSchemas,
  looked?: () => void,
): Promise<Finding[]> {
  const suspicious: { look: Look; seen: Set<string> }[] = [];
  for (const look of looksAt(root, schemas)) {
    const found = await look();
    looked?.();
    if (found.length > 0) suspicious.push({ look, seen: new Set(found.map(keyOf)) });
  }
  if (suspicious.length === 0) return [];
  await sleep(LIMITS.backup.lookAgainMs);
  const standing: Finding[] = [];
  for (const { look, seen } of suspicious)
    standing.push(...(await look()).filter((again) => seen.has(keyOf(again))));
  return standing;
}

function* looksAt(root: string, schemas: AccessSchemas): Generator<Look> {
  yield* treeLooks(root);
  yield* metaLooks(root, schemas);
  const { ids, others } = workspacesOf(root);
  for (const name of others) yield () => orphan(name);
  for (const id of ids) {
    const workspace = { root, id };
    yield () => identityFindings(workspace);
    yield* knowledgeLooks(workspace);
    yield* sessionLooks(workspace);
  }
}

function orphan(name: string): Finding[] {
  return [finding("folder.orphan", `${LAYOUT.workspaces}/${name}`, "its name is no workspace's")];
}

function keyOf({ id, path }: Finding): string {
  return `${id} ${path}`;
}
