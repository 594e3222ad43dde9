import { AppError } from "../../contract/errors.ts";
import { Joined } from "../../contract/wire.ts";
import { Connection } from "../remote/connection.ts";
import { RemoteError } from "../remote/remote-error.ts";

/** Why a join code is not exchanged. */
export interface OtherMachine {
  readonly refused: string;
}

/**
 * Exchanges a join code for this machine's own tokens, which works once; for the code of another machine than
 * `machine`, where that is given, the server's words: it stays good. Throws RemoteError, and `unauthenticated` for a code that does not work;
 * `hasTokens`: this machine has some, perhaps by this very code.
 */
export async function redeemJoin(
  url: string,
  code: string,
  { machine, hasTokens }: { machine: string | undefined; hasTokens: boolean },
): Promise<Joined | OtherMachine> {
  const connection = new Connection(url, { secret: code, place: "the join code" });
  try {
    return await connection.json(Joined, { method: "POST", path: "/join", query: { machine } });
  } catch (error) {
    if (error instanceof RemoteError && error.code === "conflict") return { refused: error.message };
    if (!(error instanceof RemoteError) || error.kind !== "auth") throw error;
    const another = "Make another one with federated-memory join --machine NAME";
    throw new AppError("unauthenticated", error.message, {
      cause: error,
      hint: hasTokens ? `This machine has tokens already: install without a code. Or: ${another}` : another,
    });
  }
}
