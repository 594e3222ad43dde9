import * as z from "zod";
import { LIMITS } from "../contract/limits.ts";
import { isTokenText } from "../contract/secrets.ts";

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);
const WELL_KNOWN = new Set([
  "dev-token",
  "dev-sync-token",
  "changeme",
  "change-me-change-me",
  "your-token-here",
  "0123456789abcdef",
]);

const list = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== ""),
  );

/** The server's environment. Every variable is described in SPEC.md. */
const Env = z.object({
  MCP_TOKEN: z.string({ error: "required: the token AIs present; `openssl rand -hex 32` makes one" }).min(1),
  SYNC_TOKEN: z.string().optional(),
  METRICS_TOKEN: z.string().optional(),
  MEMORY_ROOT: z.string().min(1).default("/data/memory"),
  HOST: z.string().min(1).default("127.0.0.1"),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, { error: "not a whole number from 0 to 65535" })
    .transform(Number)
    .refine((port) => port <= 65_535, { error: "not a whole number from 0 to 65535" })
    .default(8000),
  ALLOWED_HOSTS: list,
  ALLOWED_ORIGINS: list,
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: "not an http(s) URL" }).optional(),
  TRUST_PROXY: z
    .enum(["true", "false", "1", "0"], { error: "true or false" })
    .default("false")
    .transform((text) => text === "true" || text === "1"),
  LOG_LEVEL: z
    .enum(["debug", "info", "warn", "error", "silent"], { error: "debug, info, warn, error or silent" })
    .default("info"),
});
type Env = z.infer<typeof Env>;

/** Everything the server is told from outside. Frozen. */
export interface Config {
  readonly memoryRoot: string;
  readonly host: string;
  readonly port: number;
  readonly aiToken: string;
  readonly syncToken: string | undefined;
  readonly metricsToken: string | undefined;
  /** Host names a request may name, without port. */
  readonly allowedHosts: readonly string[];
  /** Host names an Origin may have. */
  readonly allowedOrigins: readonly string[];
  readonly publicUrl: string | undefined;
  readonly trustProxy: boolean;
  readonly logLevel: Env["LOG_LEVEL"];
}

/** All that is wrong with the environment, one line per variable, by name and without values. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Reads the configuration. `dev` allows well-known tokens on loopback. Throws ConfigError naming every wrong variable. */
export function readConfig(options: { dev: boolean }, env: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = Env.safeParse(given);
  // Looked for in what was given, so that they are said together with what the schema finds.
  const faults = [...tokenFaults(given, options), ...hostFaults(given)];
  if (parsed.success && faults.length === 0) return freeze(parsed.data);
  const wrong = parsed.error?.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`) ?? [];
  throw new ConfigError([...wrong, ...faults].join("\n"));
}

/** MEMORY_ROOT alone, for commands that act on the files. */
export function readMemoryRoot(env: NodeJS.ProcessEnv = process.env): string {
  return Env.shape.MEMORY_ROOT.parse(env["MEMORY_ROOT"] === "" ? undefined : env["MEMORY_ROOT"]);
}

/** PUBLIC_URL alone, for commands; undefined when it is not set. Throws ConfigError. */
export function readPublicUrl(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const parsed = Env.shape.PUBLIC_URL.safeParse(env["PUBLIC_URL"] === "" ? undefined : env["PUBLIC_URL"]);
  if (parsed.success) return parsed.data;
  throw new ConfigError("PUBLIC_URL: not an http(s) URL");
}

function freeze(env: Env): Config {
  const publicHost = env.PUBLIC_URL === undefined ? [] : [new URL(env.PUBLIC_URL).hostname];
  const own = env.HOST === "0.0.0.0" || env.HOST === "::" ? [] : [env.HOST];
  const hosts = [...new Set([...LOOPBACK, "[::1]", ...own, ...publicHost, ...env.ALLOWED_HOSTS])];
  return Object.freeze({
    memoryRoot: env.MEMORY_ROOT,
    host: env.HOST,
    port: env.PORT,
    aiToken: env.MCP_TOKEN,
    syncToken: env.SYNC_TOKEN,
    metricsToken: env.METRICS_TOKEN,
    allowedHosts: hosts,
    allowedOrigins: [...new Set([...hosts, ...env.ALLOWED_ORIGINS.map(hostOf)])],
    publicUrl: env.PUBLIC_URL,
    trustProxy: env.TRUST_PROXY,
    logLevel: env.LOG_LEVEL,
  });
}

function isLoopback({ HOST = "127.0.0.1" }: NodeJS.ProcessEnv): boolean {
  return LOOPBACK.has(HOST);
}

function tokenFaults(env: NodeJS.ProcessEnv, options: { dev: boolean }): string[] {
  const { MCP_TOKEN, SYNC_TOKEN, METRICS_TOKEN } = env;
  const lenient = options.dev && isLoopback(env);
  const tokens = Object.entries({ MCP_TOKEN, SYNC_TOKEN, METRICS_TOKEN });
  const faults: string[] = [];
  for (const [index, [name, token]] of tokens.entries()) {
    if (token === undefined) continue;
    const [same] = tokens.slice(0, index).find(([, earlier]) => earlier === token) ?? [];
    if (same !== undefined) faults.push(`${name}: must differ from ${same}`);
    if (!isTokenText(token)) faults.push(`${name}: only visible ASCII characters, no spaces`);
    if (token.length > LIMITS.tokens.maximumChars)
      faults.push(`${name}: longer than ${LIMITS.tokens.maximumChars} characters`);
    if (lenient) continue;
    if (token.length < LIMITS.tokens.minimumChars)
      faults.push(
        `${name}: shorter than ${LIMITS.tokens.minimumChars} characters; \`openssl rand -hex 32\` makes a good one`,
      );
    if (WELL_KNOWN.has(token) || new Set(token).size < 4) faults.push(`${name}: anybody would guess it`);
  }
  return faults;
}

function hostFaults(env: NodeJS.ProcessEnv): string[] {
  if (isLoopback(env) || env["ALLOWED_HOSTS"] !== undefined || env["PUBLIC_URL"] !== undefined) return [];
  return [
    `ALLOWED_HOSTS: needed when HOST is not loopback: the names clients use, for example "memory.example.org,192.168.1.5" (or set PUBLIC_URL)`,
  ];
}

function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).hostname : origin;
}
