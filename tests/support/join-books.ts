import { joinStorage } from "../../server/access/join-file.ts";
import { JoinBook } from "../../server/access/joins.ts";
import { tokenStorage } from "../../server/access/token-file.ts";
import { TokenBook } from "../../server/access/tokens.ts";
import { WriteGuard } from "../../server/storage/write-guard.ts";

/** The books of a MEMORY_ROOT as a start of the server reads them. */
export async function joinBooks(root: string): Promise<{ joins: JoinBook; tokens: TokenBook }> {
  const guard = new WriteGuard(root);
  return {
    joins: await JoinBook.open(joinStorage(root, guard)),
    tokens: await TokenBook.open(tokenStorage(root, guard), []),
  };
}
