import { once } from "node:events";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { vi } from "vitest";
import type { Machine, Program } from "./memory-sync.ts";

/** A message on stdout. */
export interface Said {
  id?: unknown;
  result?: unknown;
  error?: { code: number; message: string };
}

/** A `memory-sync mcp` that is spoken to line by line. Killed when disposed. */
export class BridgeProcess implements AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  readonly #said: { stdout: string; stderr: string };

  constructor(machine: Machine, args: readonly string[] = [], program: Program = "source") {
    const said = { stdout: "", stderr: "" };
    this.child = machine.start(["mcp", ...args], program);
    this.child.stdout.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
    this.#said = said;
  }

  get stdout(): string {
    return this.#said.stdout;
  }

  get stderr(): string {
    return this.#said.stderr;
  }

  /** Every line on stdout so far, read as JSON. */
  get messages(): Said[] {
    return this.stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  /** A message, or a line as it is. */
  send(message: object | string): void {
    this.child.stdin.write(`${typeof message === "string" ? message : JSON.stringify(message)}\n`);
  }

  /** Sends a request of the era with `initialize`. */
  request(id: string | number, method: string, params: object = {}): void {
    this.send({ jsonrpc: "2.0", id, method, params });
  }

  /** A request, and its answer. */
  async ask(id: string | number, method: string, params: object = {}): Promise<Said> {
    this.request(id, method, params);
    return this.answerTo(id);
  }

  async answerTo(id: unknown): Promise<Said> {
    return vi.waitFor(
      () => {
        const found = this.messages.find((message) => message.id === id);
        if (found === undefined) throw new Error(`no answer to ${String(id)}: ${this.stdout} ${this.stderr}`);
        return found;
      },
      { timeout: 20_000, interval: 5 },
    );
  }

  /** Ends its input, and gives the exit code. */
  async end(): Promise<number | null> {
    this.child.stdin.end();
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "close");
    return this.child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = once(this.child, "close");
    this.child.kill("SIGKILL");
    await closed;
  }
}
