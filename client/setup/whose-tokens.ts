import { AppError } from "../../contract/errors.ts";
import type { WhoAmI } from "../../contract/wire.ts";
import { Reader } from "../remote/reader.ts";

/** What the server says of the machine's tokens. */
export interface Whose {
  readonly ai: WhoAmI | undefined;
  readonly sync: WhoAmI | undefined;
}

/** Shows both tokens to the server. Throws RemoteError, and `unauthenticated` for one of another role. */
export async function whoseTokens(
  url: string,
  { ai, sync }: { ai: string | undefined; sync: string | undefined },
): Promise<Whose> {
  return {
    ai: ai === undefined ? undefined : await whose(url, "ai", ai),
    sync: sync === undefined ? undefined : await whose(url, "sync", sync),
  };
}

async function whose(url: string, role: "ai" | "sync", secret: string): Promise<WhoAmI> {
  const place = role === "ai" ? "the AI token that was given" : "the sync token that was given";
  const identity = await new Reader(url, { secret, place }).whoAmI();
  if (identity.role === role) return identity;
  throw new AppError("unauthenticated", `${place} is one of role ${identity.role}, not ${role}`, {
    hint: "Make one with federated-memory token create, or a join code with federated-memory join",
  });
}

/** What a token may do, in a few words. */
export function reachOf({ workspaces, writes }: WhoAmI): string {
  const all = workspaces.join(", ");
  return writes === undefined || writes.join(", ") === all
    ? `reads and writes ${all}`
    : `reads ${all}, writes ${writes.join(", ")}`;
}
