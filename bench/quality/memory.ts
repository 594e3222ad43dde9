import { mkdir, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { workspaceIdOf } from "../../contract/names.ts";
import { LAYOUT } from "../../server/storage/layout.ts";
import { openRoot } from "../../server/storage/format.ts";
import { WriteGuard } from "../../server/storage/write-guard.ts";
import { WorkspaceRegistry } from "../../server/workspaces/registry.ts";
import { writeArchiveFile } from "../generate/archive-file.ts";
import type { QuestionSet } from "./question.ts";

/** When every knowledge file was written: of equally good ones the newest comes first. */
const WRITTEN = new Date("2026-10-01T00:00:00Z");

/** Makes a MEMORY_ROOT of these documents. */
export async function writeMemory(
  root: string,
  { sessions, files }: Omit<QuestionSet, "questions">,
): Promise<void> {
  await openRoot(root);
  const registry = await WorkspaceRegistry.open(root, new WriteGuard(root));
  for (const { workspace } of [...sessions, ...files]) await registry.register(workspace);
  for (const { workspace, sessionId, raw } of sessions)
    await writeArchiveFile({ root, workspaceId: workspaceIdOf(workspace), sessionId, raw: Buffer.from(raw) });
  for (const { workspace, path, text } of files) {
    const file = join(root, LAYOUT.workspaces, workspaceIdOf(workspace), LAYOUT.knowledge, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    await utimes(file, WRITTEN, WRITTEN);
  }
}
