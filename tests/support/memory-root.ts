import { openRoot } from "../../server/storage/format.ts";
import { WriteGuard } from "../../server/storage/write-guard.ts";
import { WorkspaceRegistry } from "../../server/workspaces/registry.ts";
import { tempFolder } from "./temp-folder.ts";

interface MemoryRoot extends AsyncDisposable {
  path: string;
  guard: WriteGuard;
}

/** A MEMORY_ROOT without workspaces that removes itself. */
export async function memoryRoot(): Promise<MemoryRoot> {
  const folder = await tempFolder();
  await openRoot(folder.path);
  return {
    path: folder.path,
    guard: new WriteGuard(folder.path),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** Registers `laptop-claude-code-<project>` and gives its id. */
export async function addWorkspace(root: MemoryRoot, project: string): Promise<string> {
  const registry = await WorkspaceRegistry.open(root.path, root.guard);
  const { identity } = await registry.register({ machine: "laptop", tool: "claude-code", project });
  return identity.id;
}
