import { text } from "node:stream/consumers";
import * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import { parseJson } from "../../contract/json.ts";
import { SECRET_PREFIXES } from "../../contract/secrets.ts";
import { readTokenFile, type Config } from "../config.ts";
import type { Environment } from "../home/home.ts";
import { ask } from "./ask.ts";

/** What a machine gets its access with: a code to be exchanged, or tokens. */
export interface Given {
  readonly join: string | undefined;
  readonly ai: string | undefined;
  readonly sync: string | undefined;
}

/** Where secrets may be. None stands on a command line. */
export interface TokenPlaces {
  readonly joinFile: string | undefined;
  readonly aiTokenFile: string | undefined;
  readonly syncTokenFile: string | undefined;
  readonly stdin: boolean;
}

const Secret = z.string().regex(/^[\x21-\x7e]+$/, "one line of visible characters");
const Line = z.strictObject({
  join: Secret.optional(),
  ai_token: Secret.optional(),
  sync_token: Secret.optional(),
});

/**
 * The secrets from the strongest place that has some: a join code, stdin, files, environment variables, `credentials.json`,
 * and, where `mayAsk`, the person. Throws `invalid_input` for what is no secret.
 */
export async function givenTokens(
  places: TokenPlaces,
  { environment, config, mayAsk }: { environment: Environment; config: Config; mayAsk: boolean },
): Promise<Given> {
  const { join, ai_token, sync_token } = places.stdin ? await fromStdin() : {};
  const code = (await joinCodeIn(places.joinFile, environment.userHome)) ?? join;
  if (code !== undefined) return { join: code, ai: undefined, sync: undefined };
  const fromFile = async (path: string | undefined): Promise<string | undefined> =>
    path === undefined ? undefined : readTokenFile(path, environment.userHome);
  const ai = ai_token ?? (await fromFile(places.aiTokenFile)) ?? config.aiToken?.secret;
  const sync = sync_token ?? (await fromFile(places.syncTokenFile)) ?? config.syncToken?.secret;
  return ai === undefined && sync === undefined && mayAsk ? fromPerson() : { join: undefined, ai, sync };
}

async function fromStdin(): Promise<z.infer<typeof Line>> {
  const parsed = Line.safeParse(parseJson(await text(process.stdin)));
  if (parsed.success) return parsed.data;
  throw new AppError("invalid_input", "stdin does not hold one line of JSON with tokens", {
    hint: 'Such as {"ai_token":"…","sync_token":"…"} or {"join":"…"}',
  });
}

async function joinCodeIn(path: string | undefined, userHome: string): Promise<string | undefined> {
  if (path === undefined) return undefined;
  return path === "-" ? secretOf((await text(process.stdin)).trim()) : readTokenFile(path, userHome);
}

async function fromPerson(): Promise<Given> {
  const first = await ask("Join code or AI token (not shown): ", { isSecret: true });
  if (first?.startsWith(SECRET_PREFIXES.join) === true)
    return { join: secretOf(first), ai: undefined, sync: undefined };
  const second = first === undefined ? undefined : await ask("Sync token (not shown): ", { isSecret: true });
  return { join: undefined, ai: said(first), sync: said(second) };
}

function said(answer: string | undefined): string | undefined {
  return answer === undefined || answer === "" ? undefined : secretOf(answer);
}

function secretOf(answer: string): string {
  const parsed = Secret.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new AppError("invalid_input", "A token is one line of visible characters");
}
