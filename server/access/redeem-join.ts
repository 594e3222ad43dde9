import { AppError } from "../../contract/errors.ts";
import type { Joined } from "../../contract/wire.ts";
import type { JoinBook } from "./joins.ts";
import type { TokenBook } from "./tokens.ts";

/** What a join code is exchanged for; where the server is reached is for the edge to say. */
export type MachineTokens = Omit<Joined, "url">;

/** A join code, and the slug of the machine that shows it, if it says so. */
export interface PresentedCode {
  code: string;
  caller?: string | undefined;
}

/**
 * Exchanges a join code for one machine's own tokens: an AI token that reads what the code says, and a sync token;
 * both write to the machine's own workspaces only. Undefined for a code that does not work. The code is used up
 * before there are tokens, so a crash in between costs the code and never doubles it. `caller`: the slug of the machine that
 * asks, if it says so; throws `conflict` for the code of another one, which stays as good as it was.
 */
export async function redeemJoin(
  { joins, tokens }: { joins: JoinBook; tokens: TokenBook },
  { code, caller }: PresentedCode,
): Promise<MachineTokens | undefined> {
  // A guess must not wait for the disk, nor learn how many tokens there are.
  const meant = joins.machineOf(code);
  if (meant === undefined) return undefined;
  if (caller !== undefined && caller !== meant)
    throw new AppError("conflict", `The join code is for the machine ${meant}, and this one is ${caller}`, {
      hint: "The code was not used up",
    });
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
