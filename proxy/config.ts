import { readFileSync } from "node:fs";
import process from "node:process";
import * as z from "zod";
import { LIMITS } from "../contract/limits.ts";
import { isErrno } from "../disk/errno.ts";
import { LOG_LEVELS, type LogLevel } from "./log.ts";
import { readPatches, type Patch } from "./rewrite/patches.ts";

/** Where the proxy listens unless it is told otherwise, and so where it is asked for. */
export const DEFAULT_PLACE = { host: "127.0.0.1", port: 15_041 };

/** The proxy's environment. Every variable is described in SPEC.md. */
const Env = z.object({
  PROXY_HOST: z.string().default(DEFAULT_PLACE.host),
  PROXY_PORT: z
    .string()
    .regex(/^\d{1,5}$/, { error: "not a whole number from 0 to 65535" })
    .transform(Number)
    .refine((port) => port <= 65_535, { error: "not a whole number from 0 to 65535" })
    .default(DEFAULT_PLACE.port),
  UPSTREAM_API_URL: z
    .url({ protocol: /^https?$/, error: "not an http(s) URL" })
    .transform((text) => new URL(text))
    .refine(({ username, password, search, hash }) => `${username}${password}${search}${hash}` === "", {
      error: "holds more than an address and a path",
    })
    .default(new URL("https://api.anthropic.com")),
  ANTHROPIC_BETA: z
    .string()
    .regex(/^[\w.,\s-]*$/, { error: "not a list of names with commas" })
    .default("context-management-2025-06-27"),
  SYSTEM_PROMPT_PATCHES: z.string().optional(),
  PROXY_SECRET: z
    .string()
    .min(16, { error: "shorter than 16 characters; `openssl rand -hex 32` makes a good one" })
    .regex(/^[\x21-\x7e]*$/, { error: "only visible ASCII characters, no spaces" })
    .optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: "debug, info, warn, error or silent" }).default("info"),
});
type Env = z.infer<typeof Env>;

/** Everything the proxy is told from outside. */
export interface ProxyConfig {
  readonly host: string;
  readonly port: number;
  /** Where the API is; its path goes in front of every path that is asked for. */
  readonly upstream: URL;
  /** Names with commas that a request gets whose tools were renamed; may be empty. */
  readonly beta: string;
  readonly secret: string | undefined;
  readonly logLevel: LogLevel;
  readonly patches: readonly Patch[];
  /** Why there are no patches although a file is named. */
  readonly patchesFault: string | undefined;
  /** The variables that say through which proxies of others the API is reached. */
  readonly proxies: Readonly<Record<string, string>>;
}

/** All that is wrong with the environment, one line per variable, by name and without values. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const LOOPBACK = new Set(["127.0.0.1", "::1", "[::1]", "localhost"]);
const ANY_ADDRESS = new Set(["0.0.0.0", "::"]);

/** Reads the configuration, and the file of patches. Throws ConfigError that names every wrong variable. */
export function readProxyConfig(
  env: NodeJS.ProcessEnv = process.env,
  node: string = process.versions.node,
): ProxyConfig {
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => value !== "" || name === "ANTHROPIC_BETA"),
  );
  const parsed = Env.safeParse(given);
  if (!parsed.success)
    throw new ConfigError(
      parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n"),
    );
  const faults = [...exposed(parsed.data), ...loop(parsed.data), ...bypassed(given, node)];
  if (faults.length > 0) throw new ConfigError(faults.join("\n"));
  return configOf(parsed.data, given);
}

function configOf(env: Env, given: NodeJS.ProcessEnv): ProxyConfig {
  return {
    host: env.PROXY_HOST,
    port: env.PROXY_PORT,
    upstream: env.UPSTREAM_API_URL,
    beta: env.ANTHROPIC_BETA,
    secret: env.PROXY_SECRET,
    logLevel: env.LOG_LEVEL,
    ...patchesIn(env.SYSTEM_PROMPT_PATCHES),
    proxies: proxiesIn(given),
  };
}

/** Whoever reaches the proxy can use it. On loopback these are the people of this machine. */
function exposed({ PROXY_HOST, PROXY_SECRET }: Env): string[] {
  if (LOOPBACK.has(PROXY_HOST) || PROXY_SECRET !== undefined) return [];
  return [
    "PROXY_SECRET: needed when PROXY_HOST is not loopback: others could send requests through this machine",
  ];
}

function loop({ PROXY_HOST, PROXY_PORT, UPSTREAM_API_URL: { protocol, hostname, port } }: Env): string[] {
  const isHere = hostname === PROXY_HOST || (LOOPBACK.has(hostname) && isLocal(PROXY_HOST));
  const isOwn = protocol === "http:" && isHere && Number(port === "" ? 80 : port) === PROXY_PORT;
  return isOwn ? ["UPSTREAM_API_URL: this is the proxy's own address, so it would ask itself"] : [];
}

function isLocal(host: string): boolean {
  return LOOPBACK.has(host) || ANY_ADDRESS.has(host);
}

const PROXY_VARIABLES = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"];

function proxiesIn(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    PROXY_VARIABLES.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Node would go straight to the API and say nothing: past what is to see or to allow all traffic. */
function bypassed(env: NodeJS.ProcessEnv, node: string): string[] {
  const { no_proxy: _, NO_PROXY: __, ...proxies } = proxiesIn(env);
  const set = Object.keys(proxies);
  if (set.length === 0) return [];
  if (knowsProxies(node))
    return set
      .filter((name) => !isWebAddress(proxies[name] ?? ""))
      .map((name) => `${name}: not an http(s) URL, and Node knows no other proxies`);
  return [
    `${set.join(", ")}: Node ${node} cannot use proxies; take Node 24.5 (or 22.21) or later, or unset it`,
  ];
}

function isWebAddress(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text);
}

function knowsProxies(node: string): boolean {
  const [major = 0, minor = 0] = node.split(".").map(Number);
  return major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);
}

/** Without its patches the proxy is still of use, so a file that cannot be used is no reason not to start. */
function patchesIn(path: string | undefined): Pick<ProxyConfig, "patches" | "patchesFault"> {
  if (path === undefined) return { patches: [], patchesFault: undefined };
  try {
    const bytes = readFileSync(path);
    if (bytes.length > LIMITS.proxy.patchesBytes) return { patches: [], patchesFault: "is too large" };
    return { patches: readPatches(bytes.toString("utf8")), patchesFault: undefined };
  } catch (error) {
    const why = isErrno(error, "ENOENT") ? "is not there" : reasonOf(error);
    return { patches: [], patchesFault: why };
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `cannot be used: ${error.message}` : "cannot be used";
}
