import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { join } from "node:path";
import * as z from "zod";
import { readProxyConfig } from "../../proxy/config.ts";
import { createLog } from "../../proxy/log.ts";
import type { Waits } from "../../proxy/http/phases.ts";
import { startProxy } from "../../proxy/server.ts";
import { childEnv } from "./child-env.ts";

export const PROXY_BUNDLE = join(import.meta.dirname, "../../dist/memory-proxy.mjs");
export const TOOL = "mcp__memory__memory_20250818";

/** A request that offers the memory tool, as a client names it. */
export const ADVERTISED = JSON.stringify({
  stream: true,
  tools: [{ name: TOOL, description: "Memory", cache_control: { type: "ephemeral" } }],
});

/** The proxy in this process, in front of an API. */
export async function proxyBefore(
  upstream: string,
  env: Record<string, string> = {},
  waits?: Waits,
): Promise<{ url: string; log: string[] } & AsyncDisposable> {
  const log: string[] = [];
  const config = readProxyConfig({
    PROXY_PORT: "0",
    UPSTREAM_API_URL: upstream,
    LOG_LEVEL: "debug",
    ...env,
  });
  const proxy = await startProxy(
    config,
    createLog(config.logLevel, (line) => log.push(line)),
    waits,
  );
  return { url: proxy.url, log, [Symbol.asyncDispose]: () => proxy.close() };
}

/** An answer as it went over the wire. */
export interface Exchanged {
  status: number;
  rawHeaders: string[];
  headers: IncomingMessage["headers"];
  trailers: IncomingMessage["trailers"];
  body: Buffer;
}

export interface AskedOf {
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
}

/** Starts a request over a connection of its own, whose body the caller may still write. */
export function opened(
  url: string,
  path: string,
  { method = "POST", headers = {} }: AskedOf = {},
): ClientRequest {
  const { hostname, port } = new URL(url);
  return httpRequest({ hostname, port, path, method, headers, agent: false });
}

/** One exchange, to the last byte of the answer. Rejects for an answer that breaks off. */
export async function ask(url: string, path: string, asked: AskedOf = {}): Promise<Exchanged> {
  const request = opened(url, path, { method: asked.body === undefined ? "GET" : "POST", ...asked });
  request.end(asked.body);
  const response = await answerTo(request);
  const body = Buffer.concat(await response.toArray());
  const { statusCode = 0, rawHeaders, headers, trailers } = response;
  return { status: statusCode, rawHeaders, headers, trailers, body };
}

/** The head of an answer. */
export function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("response", resolve).once("error", reject);
  });
}

const ApiError = z.object({
  type: z.literal("error"),
  error: z.object({ type: z.string(), message: z.string() }),
});

/** Status, type and message of an answer in which the API, or the proxy, says what went wrong. */
export function errorOf({ status, body }: Exchanged): [status: number, type: string, message: string] {
  const { error } = ApiError.parse(JSON.parse(body.toString("utf8")));
  return [status, error.type, error.message];
}

/** All values of a header, each line for itself. */
export function valuesIn(rawHeaders: string[], name: string): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
}

/** The proxy as it is installed, a process of its own. Killed when disposed. */
export class ProxyProgram implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly url: string;
  readonly #output: { text: string };

  private constructor(child: ChildProcess, url: string, output: { text: string }) {
    this.child = child;
    this.url = url;
    this.#output = output;
  }

  static async start(env: Record<string, string>, node: string = process.execPath): Promise<ProxyProgram> {
    const output = { text: "" };
    const child = spawn(node, [PROXY_BUNDLE], {
      env: childEnv({ PROXY_PORT: "0", ...env }),
      stdio: ["ignore", "pipe", "pipe"],
    });
    const url = await new Promise<string>((resolve, reject) => {
      const collect = (chunk: Buffer): void => {
        output.text += chunk.toString("utf8");
        const found = /"url":"(http:[^"]+)"/.exec(output.text)?.[1];
        if (found !== undefined) resolve(found);
      };
      child.stdout.on("data", collect);
      child.stderr.on("data", collect);
      child.once("exit", (code) => reject(new Error(`the proxy ended with ${code}: ${output.text}`)));
    });
    return new ProxyProgram(child, url, output);
  }

  /** All that it wrote so far. */
  get output(): string {
    return this.#output.text;
  }

  /** Memory that it holds now, as Linux counts it. */
  get rssBytes(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  /** Sends a signal and resolves with the exit code. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    const { exitCode, signalCode } = this.child;
    if (exitCode !== null || signalCode !== null) return exitCode;
    const exited = once(this.child, "exit");
    this.child.kill(signal);
    await exited;
    return this.child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
  }
}
