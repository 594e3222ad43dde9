import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { childEnv } from "./child-env.ts";
import { AI_TOKEN, SYNC_TOKEN } from "./server.ts";

const MAIN = join(import.meta.dirname, "../../server/main.ts");

/** A server as a process of its own, as a service manager would start it. Killed when disposed. */
export class ServerProcess implements AsyncDisposable {
  readonly url: string;
  readonly child: ChildProcess;
  readonly #output: { text: string };

  private constructor(child: ChildProcess, url: string, output: { text: string }) {
    this.child = child;
    this.url = url;
    this.#output = output;
  }

  /** Everything the process wrote so far, stdout and stderr. */
  get output(): string {
    return this.#output.text;
  }

  /** `under`: a program with its arguments that becomes the server, such as a tracer. */
  static async start(
    root: string,
    env: Record<string, string> = {},
    { under = [] }: { under?: readonly string[] } = {},
  ): Promise<ServerProcess> {
    const output = { text: "" };
    const [program, ...args] = [...under, process.execPath, MAIN];
    const child = spawn(program, args, {
      env: childEnv({ MCP_TOKEN: AI_TOKEN, SYNC_TOKEN, MEMORY_ROOT: root, PORT: "0", ...env }),
      stdio: ["ignore", "pipe", "pipe"],
    });
    const url = await new Promise<string>((resolve, reject) => {
      const collect = (chunk: Buffer) => {
        output.text += chunk.toString("utf8");
        const found = /"url":"(http:[^"]+)"/.exec(output.text)?.[1];
        if (found !== undefined) resolve(found);
      };
      child.stdout.on("data", collect);
      child.stderr.on("data", collect);
      child.once("exit", (code) => reject(new Error(`the server exited with ${code}: ${output.text}`)));
    });
    return new ServerProcess(child, url, output);
  }

  /** Sends a signal and resolves with the exit code; null when the signal ended it. */
  async stop(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const exited = once(this.child, "exit");
    this.child.kill(signal);
    await exited;
    return this.child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
  }
}
