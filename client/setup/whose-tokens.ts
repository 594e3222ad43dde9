import { AppError } from "../../contract/errors.ts";
import type { WhoAmI } from "../../contract/wire.ts";
import type { Config, Token } from "../config.ts";
import { Reader } from "../remote/reader.ts";

/** What the server says of the machine's tokens. */
export interface Whose {
  readonly ai: WhoAmI | undefined;
  readonly sync: WhoAmI | undefined;
}

/**
 * Shows both tokens to the server. `known` were there without being given this time. Throws RemoteError, and
 * `unauthenticated` for one of another role.
 */
export async function whoseTokens(
  url: string,
  { ai, sync }: { ai: string | undefined; sync: string | undefined },
  known: Pick<Config, "aiToken" | "syncToken">,
): Promise<Whose> {
  return {
    ai: ai === undefined ? undefined : await whose(url, "ai", { secret: ai, known: known.aiToken }),
    sync: sync === undefined ? undefined : await whose(url, "sync", { secret: sync, known: known.syncToken }),
  };
}

async function whose(
  url: string,
  role: "ai" | "sync",
  { secret, known }: { secret: string; known: Token | undefined },
): Promise<WhoAmI> {
  const name = role === "ai" ? "the AI token" : "the sync token";
  const isKnown = known?.secret === secret;
  const place = isKnown ? `${name} of ${known.place}` : `${name} that was given`;
  const identity = await new Reader(url, { secret, place: isKnown ? known.place : place }).whoAmI();
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
