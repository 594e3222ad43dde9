import { readFile } from "node:fs/promises";
import * as z from "zod";
import { AppError } from "../contract/errors.ts";
import { NamePart } from "../contract/ids.ts";
import { slugify } from "../contract/names.ts";
import { isTokenText } from "../contract/secrets.ts";
import { LIMITS } from "../contract/limits.ts";
import { isErrno } from "../disk/errno.ts";
import { readCredentials, wasExported, type Credentials } from "./credentials.ts";
import { environmentOf, expandHome, VARIABLES, type Environment } from "./home/home.ts";
import { parseJsonFile } from "./parse-file.ts";

const DEFAULT_URL = "http://127.0.0.1:8000/mcp";

const ConfigFile = z.strictObject({
  url: z.string().optional().describe("Address of the server, with or without /mcp at its end"),
  machine: NamePart.optional().describe("Name of this machine in workspace ids"),
  redact: z.boolean().optional().describe("Take secrets out of everything before it is sent"),
});

/** Where a setting came from, strongest first. */
export type Source = "flag" | "environment" | "config" | "default";

export interface Token {
  readonly secret: string;
  readonly from: Exclude<Source, "default">;
  /** What to look into when it is wrong, for people. */
  readonly place: string;
}

/** The settings of one run. */
export interface Config {
  /** Root of the server's API, without `/mcp` and without a final slash. */
  readonly url: string;
  readonly urlFrom: Source;
  /** Slug of this machine's name. */
  readonly machine: string;
  /** Secrets are taken out before anything is sent, unless a manifest says otherwise for its workspace. */
  readonly redact: boolean;
  readonly aiToken: Token | undefined;
  readonly syncToken: Token | undefined;
  /** The server that the stored tokens are for, where the environment names another one: then they are not used. */
  readonly storedFor?: string;
  /** A variable that holds an earlier token, exported by installing: it is passed over. */
  readonly passedOver?: string;
}

/** What the command line may override. */
export interface ConfigFlags {
  readonly url?: string | undefined;
  /** File whose first line is the token to use. A token itself never stands on a command line, where all can read it. */
  readonly tokenFile?: string | undefined;
}

/** This process's surroundings; read also by a hook and by a sync that only looks, which load no more than they must. */
export function readEnvironment(): Environment {
  return environmentOf(process.env);
}

/**
 * Flag > environment variable > config file > default. A token that installing had a shell export does not count as one of
 * the environment: it is a copy of what is or was stored. Throws `invalid_input` for a wrong value, naming its place.
 */
export async function readConfig(environment: Environment, flags: ConfigFlags = {}): Promise<Config> {
  const { env, home } = environment;
  const file = await readConfigFile(home.config);
  const stored = await readCredentials(home);
  const given =
    flags.tokenFile === undefined ? undefined : await readTokenFile(flags.tokenFile, environment.userHome);
  const [url, urlFrom] = first(
    ["flag", flags.url],
    ["environment", env[VARIABLES.url]],
    ["config", file.url],
  ) ?? [DEFAULT_URL, "default"];
  const root = apiRoot(url, urlFrom);
  const copy = copyIn(env, stored);
  const storedFor = urlFrom === "environment" ? otherServer(file.url, root) : undefined;
  const { ai_token, sync_token } = storedFor === undefined ? stored : {};
  const hasStored = (stored.ai_token ?? stored.sync_token) !== undefined;
  return {
    url: root,
    urlFrom,
    machine: slugify(file.machine ?? environment.hostname.replace(/\..*$/, "")) || "machine",
    redact: file.redact ?? false,
    aiToken: tokenOf({
      given,
      env: copy === undefined ? env : {},
      variable: VARIABLES.aiToken,
      stored: ai_token,
    }),
    syncToken: tokenOf({ given, env, variable: VARIABLES.syncToken, stored: sync_token }),
    ...(storedFor !== undefined && hasStored && { storedFor }),
    ...(copy !== undefined && copy !== stored.ai_token && { passedOver: VARIABLES.aiToken }),
  };
}

/** Why stored tokens are not used, and what helps; undefined where they are, or there are none. */
export function keptElsewhere({ storedFor }: Config): { message: string; hint: string } | undefined {
  if (storedFor === undefined) return undefined;
  const { url, aiToken, syncToken } = VARIABLES;
  const message = `those of credentials.json are for ${storedFor}, and ${url} names another server`;
  return { message, hint: `Unset ${url}, or set ${aiToken} and ${syncToken} too` };
}

/** The token of a variable that is only a copy of a stored one, perhaps of an earlier one. */
function copyIn(env: Environment["env"], stored: Credentials): string | undefined {
  const token = env[VARIABLES.aiToken]?.trim() ?? "";
  return stored.ai_token !== undefined && wasExported(stored, token) ? token : undefined;
}

/** The server of the config file, where it is another one. */
function otherServer(stored: string | undefined, root: string): string | undefined {
  if (stored === undefined) return undefined;
  const held = URL.canParse(stored) ? rootOf(new URL(stored)) : stored;
  return held === root ? undefined : held;
}

type Choice = [from: Exclude<Source, "default">, value: string | undefined];

/** The first value that is there; an empty environment variable counts as none. */
function first(...choices: Choice[]): [value: string, from: Exclude<Source, "default">] | undefined {
  for (const [from, value] of choices)
    if (value !== undefined && value.trim() !== "") return [value.trim(), from];
  return undefined;
}

function tokenOf({ given, env, variable, stored }: TokenSources): Token | undefined {
  const found = first(["flag", given], ["environment", env[variable]], ["config", stored]);
  if (found === undefined) return undefined;
  const [secret, from] = found;
  const places = { flag: "the file of --token-file", environment: variable, config: "credentials.json" };
  const place = places[from];
  if (!isTokenText(secret))
    throw new AppError("invalid_input", `The token from ${place} holds characters that no token has`);
  return { secret, from, place };
}

interface TokenSources {
  given: string | undefined;
  env: Environment["env"];
  variable: string;
  stored: string | undefined;
}

function apiRoot(url: string, from: Source): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol))
    throw new AppError(
      "invalid_input",
      `The server's url (from the ${from}) is not an http or https address`,
      {
        hint: `Write it like ${DEFAULT_URL}`,
      },
    );
  if (parsed.username !== "" || parsed.password !== "")
    throw new AppError("invalid_input", `The server's url (from the ${from}) holds a user name or password`, {
      hint: `Tokens go into ${VARIABLES.syncToken}, ${VARIABLES.aiToken} or credentials.json`,
    });
  return rootOf(parsed);
}

function rootOf({ origin, pathname }: URL): string {
  return `${origin}${pathname
    .replace(/\/+$/, "")
    .replace(/\/mcp$/, "")
    .replace(/\/+$/, "")}`;
}

async function readConfigFile(path: string): Promise<z.infer<typeof ConfigFile>> {
  try {
    return parseJsonFile(ConfigFile, await readFile(path, "utf8"), Object.keys(ConfigFile.shape));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return {};
    if (error instanceof AppError)
      throw new AppError(error.code, `${path}: ${error.message}`, {
        cause: error,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
    throw error;
  }
}

/** The token in a file that holds nothing else; its path may begin with `~`. Throws `invalid_input`. */
export async function readTokenFile(path: string, userHome: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(expandHome(path, userHome), "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES", "EISDIR"))
      throw new AppError("invalid_input", `The token file cannot be read: ${path}`, { cause: error });
    throw error;
  }
  const token = text.trim();
  if (token === "" || token.length > LIMITS.tokens.maximumChars || /\s/.test(token))
    throw new AppError("invalid_input", "The token file does not hold exactly one token");
  return token;
}
