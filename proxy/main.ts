import process from "node:process";
import { isErrno, isSystemError } from "../disk/errno.ts";
import { ConfigError, readProxyConfig } from "./config.ts";
import { ProxyFault } from "./http/fault.ts";
import { HELP } from "./help.ts";
import { createLog } from "./log.ts";
import { probe } from "./probe.ts";
import { startProxy } from "./server.ts";
import { VERSION } from "./version.ts";

/** Exit codes: fine, failed, called wrongly. */
const [FINE, FAILED, WRONG] = [0, 1, 2];

/** Entry of `memory-proxy`. */
process.exitCode = await run(process.argv.slice(2));

async function run(args: readonly string[]): Promise<number> {
  const [command = "serve", ...rest] = args;
  if (args.includes("--help") || args.includes("-h")) return say(HELP);
  if (args.includes("--version")) return say(VERSION);
  if (rest.length > 0 || !/^(?:serve|probe)$/.test(command))
    return complain(`Unknown: ${args.join(" ")}. See memory-proxy --help`, WRONG);
  try {
    return await (command === "probe" ? probe(say) : serve());
  } catch (error) {
    if (error instanceof ConfigError) return complain(error.message, WRONG);
    if (error instanceof ProxyFault) return complain(error.message, FAILED);
    if (isSystemError(error) || isErrno(error, "ENOTFOUND", "EAI_AGAIN"))
      return complain(whyNotListening(error), FAILED);
    throw error;
  }
}

async function serve(): Promise<number> {
  const config = readProxyConfig();
  // Who reads the log may go; the proxy stays.
  process.stdout.on("error", () => undefined);
  const log = createLog(config.logLevel, (line) => process.stdout.write(line));
  if (config.patchesFault !== undefined) log.warn(`SYSTEM_PROMPT_PATCHES: the file ${config.patchesFault}`);
  const proxy = await startProxy(config, log);
  log.info("Listening", { url: proxy.url, upstream: config.upstream.href });
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
  await proxy.close();
  return FINE;
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return FINE;
}

function complain(text: string, code: number): number {
  process.stderr.write(`${text}\n`);
  return code;
}

function whyNotListening(error: NodeJS.ErrnoException): string {
  if (error.code === "EADDRINUSE") {
    const port = "port" in error ? `Port ${String(error.port)}` : "The port";
    return `${port} is already in use, perhaps by another memory-proxy: choose another with PROXY_PORT=…`;
  }
  return `Cannot listen there (${error.code}): see PROXY_HOST and PROXY_PORT`;
}
