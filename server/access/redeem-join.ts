import type { Joined } from "../../contract/wire.ts";
import type { JoinBook } from "./joins.ts";
import type { TokenBook } from "./tokens.ts";

/** What a join code is exchanged for; where the server is reached is for the edge to say. */
export type MachineTokens = Omit<Joined, "url">;

/**
 * Exchanges a join code for one machine's own tokens: an AI token that reads what the code says, and a sync token;
 * both write to the machine's own workspaces only. Undefined for a code that does not work. The code is used up
 * before there are tokens, so a crash in between costs the code and never doubles it.
 */
export async function redeemJoin(
  { joins, tokens }: { joins: JoinBook; tokens: TokenBook },
  code: string,
): Promise<MachineTokens | undefined> {
  // A guess must not wait for the disk, nor learn how many tokens there are.
  if (!joins.has(code)) return undefined;
  tokens.assertRoom(2);
  const join = await joins.use(code);
  if (join === undefined) return undefined;
  const { machine, read, tokens_expire_at: ends } = join;
  const own = [`${machine}-*`];
  const common = {
    name: `${machine} (join)`,
    machine,
    expiresAt: ends === undefined ? undefined : new Date(ends),
  };
  const [ai, sync] = await tokens.createPair(
    { ...common, role: "ai", workspaces: withOwn(read, own), writes: own },
    { ...common, role: "sync", workspaces: own, writes: own },
  );
  return {
    machine,
    ai: { id: ai.entry.id, secret: ai.secret },
    sync: { id: sync.entry.id, secret: sync.secret },
    ...(ends !== undefined && { expires_at: ends }),
  };
}

/** What is written must be readable: the own workspaces are read whatever else is. */
function withOwn(read: string[], own: string[]): string[] {
  return read.includes("*") ? ["*"] : [...new Set([...read, ...own])];
}
