import type { Writable } from "node:stream";
import { inspect } from "node:util";
import { isErrno } from "../disk/errno.ts";
import { plainLines } from "./format.ts";
import { Progress, type CountWords } from "./progress.ts";
import { layOut, type Column, type Style } from "./table.ts";

/** What ends the wait for a slow reader. */
const WAKING = ["drain", "close", "error"] as const;

/** Where a program may write; `process.stdout` and `process.stderr` are such. */
export type Terminal = Writable & { isTTY?: boolean | undefined; columns?: number | undefined };

export interface OutputOptions {
  stdout: Terminal;
  stderr: Terminal;
  env: Readonly<Record<string, string | undefined>>;
  /** Answers are JSON on stdout. */
  json?: boolean;
  /** No talk on stderr but warnings and failures. */
  quiet?: boolean;
}

/**
 * The two mouths of a command: stdout gives data, stderr talks. Everything that people see passes
 * `showInvisible`, so stored text cannot send commands to the terminal. A reader that went away
 * (`memory-sync sessions | head`) is no failure: what follows is dropped, and `closed` tells.
 */
export class Output {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly #stdout: Terminal;
  readonly #stderr: Terminal;
  readonly #colors: { stdout: boolean; stderr: boolean };
  readonly #decoder = new TextDecoder();
  #progress: Progress | undefined;
  #closed = false;

  constructor(options: OutputOptions) {
    this.json = options.json ?? false;
    this.quiet = options.quiet ?? false;
    this.#stdout = options.stdout;
    this.#stderr = options.stderr;
    this.#colors = {
      stdout: wantsColor(options.stdout, options.env),
      stderr: wantsColor(options.stderr, options.env),
    };
    this.#stdout.on("error", (error) => {
      throwUnlessGone(error);
      this.#closed = true;
    });
    this.#stderr.on("error", throwUnlessGone);
  }

  /** True when nobody reads stdout any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** True when a person looks at stdout. */
  get interactive(): boolean {
    return this.#stdout.isTTY === true;
  }

  /** The command's result: `value` as one line of JSON with --json, else the text for people. */
  answer(value: unknown, human: () => string): void {
    if (this.json) this.print(JSON.stringify(value));
    else this.print(human());
  }

  /** A line of data on stdout. The caller has made foreign text harmless with `plain`. */
  print(line: string): void {
    this.#progress?.clear();
    if (!this.#closed) this.#stdout.write(`${line}\n`);
    this.#progress?.draw();
  }

  /** Bytes on stdout: as they are into a pipe, harmless on a terminal. Waits while the reader is slow. */
  async write(data: Uint8Array): Promise<void> {
    const shown = this.interactive ? plainLines(this.#decoder.decode(data, { stream: true })) : data;
    if (this.#closed || this.#stdout.write(shown)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const event of WAKING) this.#stdout.off(event, done);
        resolve();
      };
      for (const event of WAKING) this.#stdout.on(event, done);
    });
  }

  /** A line of talk on stderr; silent with --quiet. */
  say(line: string): void {
    if (!this.quiet) this.#talk(line);
  }

  warn(line: string): void {
    this.#talk(`${this.#paint("yellow", "warning:", "stderr")} ${line}`);
  }

  fail(line: string): void {
    this.#talk(`${this.#paint("red", "error:", "stderr")} ${line}`);
  }

  /** Colours for stdout, when a person looks at it. */
  paint(style: Style, text: string): string {
    return this.#paint(style, text, "stdout");
  }

  /** Rows under their titles; on a terminal the last column is cut at its edge. */
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
    return layOut(columns, rows, {
      paint: (style, text) => this.paint(style, text),
      width: this.interactive ? this.#stdout.columns || 80 : undefined,
    });
  }

  /** A bar on stderr for long work; draws nothing unless a person looks at stderr. Dispose it when the work ends. */
  progress(label: string, total: number, count?: CountWords): Progress {
    const visible = this.#stderr.isTTY === true && !this.quiet;
    const progress = new Progress({
      label,
      total,
      count,
      write: visible ? (text) => void this.#stderr.write(text) : undefined,
      // A terminal that does not know how wide it is says 0.
      columns: () => this.#stderr.columns || 80,
      ended: () => (this.#progress = undefined),
    });
    this.#progress = progress;
    return progress;
  }

  #talk(line: string): void {
    this.#progress?.clear();
    this.#stderr.write(`${line}\n`);
    this.#progress?.draw();
  }

  #paint(style: Style, text: string, where: "stdout" | "stderr"): string {
    if (!this.#colors[where]) return text;
    const [on, off] = inspect.colors[style] ?? [0, 0];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  }
}

function throwUnlessGone(error: unknown): void {
  if (!isErrno(error, "EPIPE", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END", "ECONNRESET", "EIO"))
    throw error;
}

/** FORCE_COLOR wins over NO_COLOR, as in Node itself; source: https://no-color.org and Node's `tty` documentation. */
function wantsColor(terminal: Terminal, env: OutputOptions["env"]): boolean {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  return terminal.isTTY === true && env["TERM"] !== "dumb";
}
