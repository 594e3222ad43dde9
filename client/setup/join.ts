import { AppError } from "../../contract/errors.ts";
import { Joined } from "../../contract/wire.ts";
import { Connection } from "../remote/connection.ts";
import { RemoteError } from "../remote/remote-error.ts";

/**
 * Exchanges a join code for this machine's own tokens, which works once. Throws RemoteError, and `unauthenticated` for a code
 * that does not work; `hasTokens`: this machine has some, perhaps by this very code.
 */
export async function redeemJoin(
  url: string,
  code: string,
  { hasTokens }: { hasTokens: boolean },
): Promise<Joined> {
  const connection = new Connection(url, { secret: code, place: "the join code" });
  try {
    return await connection.json(Joined, { method: "POST", path: "/join" });
  } catch (error) {
    if (!(error instanceof RemoteError) || error.kind !== "auth") throw error;
    const another = "Make another one with federated-memory join --machine NAME";
    throw new AppError("unauthenticated", error.message, {
      cause: error,
      hint: hasTokens ? `This machine has tokens already: install without a code. Or: ${another}` : another,
    });
  }
}
