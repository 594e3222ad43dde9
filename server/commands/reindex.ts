import { parseArgs } from "node:util";
import { withAdmin } from "./admin-connection.ts";
import { described } from "./status.ts";

export const REINDEX_USAGE = `federated-memory reindex                                 throw the search index away and build it anew from the files`;

/** `federated-memory reindex`: a running server begins at once, the next one when it starts. */
export async function reindex(argv: string[], memoryRoot: string): Promise<string> {
  parseArgs({ args: argv, options: {} });
  const status = await withAdmin(memoryRoot, (admin) => admin.rebuildIndex());
  if (status.state === "stopped")
    return "The search index is gone; the next start of the server builds it anew.";
  return `The search index is being built anew; searches go on by reading.\n\n${described(status)}`;
}
