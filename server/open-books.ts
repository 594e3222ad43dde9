import { LIMITS } from "../contract/limits.ts";
import { joinStorage } from "./access/join-file.ts";
import { JoinBook } from "./access/joins.ts";
import { tokenStorage } from "./access/token-file.ts";
import { TokenBook, type FixedToken } from "./access/tokens.ts";
import type { Log } from "./observe/log.ts";
import type { WriteGuard } from "./storage/write-guard.ts";

/** Who may enter. */
export interface Books {
  tokens: TokenBook;
  joins: JoinBook;
}

/** Opens the books of tokens and join codes. `closing` ends what runs beside them: noting when tokens were last used. */
export async function openBooks(
  { root, guard }: { root: string; guard: WriteGuard },
  { log, fixed }: { log: Log; fixed: readonly FixedToken[] },
  closing: AsyncDisposableStack,
): Promise<Books> {
  const tokens = await TokenBook.open(tokenStorage(root, guard), fixed);
  const joins = await JoinBook.open(joinStorage(root, guard));
  // A server whose disk fails still stops in order; when tokens were last used is not worth more.
  const saveLastUsed = () =>
    tokens
      .saveLastUsed()
      .catch((error: unknown) => log.error({ err: error }, "last use of tokens not saved"));
  closing.defer(saveLastUsed);
  const saving = setInterval(() => void saveLastUsed(), LIMITS.tokens.saveLastUsedMs);
  closing.defer(() => clearInterval(saving));
  return { tokens, joins };
}
