/** A process that registers a workspace, gives it a write token, and is killed at one file-system call; prints the token it got. */
import { WriteGuard } from "../../server/storage/write-guard.ts";
import { WorkspaceRegistry } from "../../server/workspaces/registry.ts";
import { failAt } from "./faults.ts";

const [, , root = "", at = ""] = process.argv;
const registry = await WorkspaceRegistry.open(root, new WriteGuard(root));
let token: string;
{
  using _faults = await failAt(Number(at), "kill");
  const { identity } = await registry.register({ machine: "laptop", tool: "codex", project: "new" });
  token = await registry.issueWriteToken(identity.id);
}
process.stdout.write(token);
