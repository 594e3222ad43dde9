import { parseArgs } from "node:util";
import { AppError } from "../../contract/errors.ts";
import { withAdmin } from "./admin-connection.ts";

export const WORKSPACE_USAGE = `federated-memory workspace reissue WORKSPACE_ID          a new write token; the old one stops working
federated-memory workspace revoke-bindings WORKSPACE_ID  end every binding that AIs hold for it`;

/** `federated-memory workspace …`. */
export async function workspace(argv: string[], memoryRoot: string): Promise<string> {
  const { positionals } = parseArgs({ args: argv, allowPositionals: true, options: {} });
  const [action, id] = positionals;
  if (action === "reissue" && id !== undefined) {
    const { write_token } = await withAdmin(memoryRoot, (admin) => admin.reissue(id));
    return `${write_token}\n\nThe write token of ${id}, shown once. On the machine that feeds it: memory-sync init-manifest --write-token-file FILE …`;
  }
  if (action === "revoke-bindings" && id !== undefined) {
    await withAdmin(memoryRoot, (admin) => admin.revokeBindings(id));
    return `Every binding of ${id} has ended.`;
  }
  throw new AppError("invalid_input", `Usage:\n${WORKSPACE_USAGE}`);
}
