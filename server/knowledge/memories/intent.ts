import { unlink } from "node:fs/promises";
import * as z from "zod";
import { DocumentPath } from "../../../contract/document-path.ts";
import { isMemory } from "../../../contract/memory-prefix.ts";
import { unlessMissing } from "../../../disk/errno.ts";
import { readJson, setAside, writeJson } from "../../storage/json-file.ts";
import { LAYOUT } from "../../storage/layout.ts";
import { enterWorkspace, makeInWorkspace } from "../../storage/workspace-folder.ts";

const MemoryPath = DocumentPath.refine(isMemory, { error: "not a memory" });
const Move = z.strictObject({ from: MemoryPath, to: MemoryPath });
const Deletion = z.strictObject({ delete: MemoryPath });
const Intent = z.strictObject({ v: z.literal(1), steps: z.array(z.union([Move, Deletion])).readonly() });

/** A memory that gets another address. */
export type Move = z.infer<typeof Move>;
/** What happens to one memory when several change as one. */
export type Step = z.infer<typeof Intent>["steps"][number];

/**
 * Writes down what is about to happen to several memories of a workspace: from then on it will happen, whatever comes
 * between. Durable when it returns. There is one intent of a workspace at a time.
 */
export async function writeIntent(root: string, workspaceId: string, steps: readonly Step[]): Promise<void> {
  await using folder = await makeInWorkspace(root, workspaceId, LAYOUT.versions);
  await writeJson(folder, LAYOUT.memoriesIntent, { v: 1, steps } satisfies z.input<typeof Intent>);
}

/** What is still to happen in a workspace; undefined when nothing is. A damaged intent is set aside, and its new name given. */
export async function readIntent(
  root: string,
  workspaceId: string,
): Promise<{ steps: readonly Step[] } | { aside: string } | undefined> {
  const versions = await unlessMissing(enterWorkspace(root, workspaceId, LAYOUT.versions));
  if (versions === undefined) return undefined;
  await using folder = versions;
  const found = await readJson(folder, LAYOUT.memoriesIntent, Intent);
  if (found.state === "missing") return undefined;
  if (found.state === "whole") return { steps: found.value.steps };
  return { aside: await setAside(folder, LAYOUT.memoriesIntent) };
}

/** Says that all of it has happened. Durable when it returns: an intent that came back would undo what was done since. */
export async function dropIntent(root: string, workspaceId: string): Promise<void> {
  await using folder = await enterWorkspace(root, workspaceId, LAYOUT.versions);
  await unlessMissing(unlink(folder.at(LAYOUT.memoriesIntent)));
  await folder.sync();
}
