import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

const PROBE = join(import.meta.dirname, "probe-program.mjs");
/** Enough of what a program writes to find its address, and to say why it did not start. */
const KEPT_CHARS = 10_000;

const ALLOCATOR = join(import.meta.dirname, "../../bin/allocator.json");
const Settings = z.record(z.string(), z.string());

const Usage = z.object({ cpuMs: z.number(), rssBytes: z.number() });
/** Processor time since its start, of all its threads, and memory now. */
export type Usage = z.infer<typeof Usage>;

const LoopDelay = z.object({ p50Ms: z.number(), p99Ms: z.number(), maxMs: z.number() });
/** How late timers of a millisecond ran on the main thread; the millisecond itself is included. */
export type LoopDelay = z.infer<typeof LoopDelay>;

/** What the command sets for itself. To do so it begins anew, which would cut the channel by which it is asked here. */
function allocator(): Record<string, string> {
  return Settings.parse(JSON.parse(readFileSync(ALLOCATOR, "utf8")));
}

/** A server in a process of its own that can be asked what it uses. It is killed when disposed. */
export class MeasuredProgram implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #url: Promise<string>;
  #output = "";

  /** `file` is run by this Node; it says its address as JSON with a `url`, on stdout. */
  constructor(file: string, env: NodeJS.ProcessEnv) {
    this.#child = spawn(process.execPath, ["--import", PROBE, file], {
      env: { PATH: process.env["PATH"], ...allocator(), ...env },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#url = this.#address();
    // Awaited by whoever wants the address.
    this.#url.catch(() => undefined);
  }

  /** Where it listens. Throws what it said when it ended instead. */
  get url(): Promise<string> {
    return this.#url;
  }

  async usage(): Promise<Usage> {
    return Usage.parse(await this.#ask("usage"));
  }

  /** From now on, until `loopDelay`, it is counted how late timers run. */
  async watchLoop(): Promise<void> {
    await this.#ask("watch-loop");
  }

  async loopDelay(): Promise<LoopDelay> {
    return LoopDelay.parse(await this.#ask("loop-delay"));
  }

  /** Lets it end in order. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }

  /** One question at a time. */
  async #ask(question: string): Promise<unknown> {
    const answered = once(this.#child, "message");
    this.#child.send(question);
    const [answer] = await answered;
    return answer;
  }

  #address(): Promise<string> {
    return new Promise((resolve, reject) => {
      const collect = (chunk: Buffer): void => {
        // What it says later is read and forgotten, so that it never waits for a reader.
        if (this.#output.length > KEPT_CHARS) return;
        this.#output += chunk.toString("utf8");
        const found = /"url":"(http:[^"]+)"/.exec(this.#output)?.[1];
        if (found !== undefined) resolve(found);
      };
      this.#child.stdout?.on("data", collect);
      this.#child.stderr?.on("data", collect);
      this.#child.once("exit", (code) =>
        reject(new Error(`the program ended with ${code}: ${this.#output}`)),
      );
    });
  }
}
