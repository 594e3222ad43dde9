import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { rgPath } from "@vscode/ripgrep";
import { AppError } from "../../../contract/errors.ts";
import { LIMITS } from "../../../contract/limits.ts";
import { maskSecrets } from "../../../contract/secrets.ts";
import { processGivesWay } from "../../threads/priority.ts";
import { isSimpleExpression } from "./simple-expression.ts";

/**
 * The only place of the server that starts a process. The program is fixed, arguments are an array, the user's
 * text comes after `-e`, paths after `--`, the environment is empty, and the process is dead when a function returns
 * or an iteration ends, however it ends. A pattern whose automaton would be large is refused, so matching takes
 * time linear in the text.
 */
const ALWAYS = [
  "--no-config",
  "--color=never",
  "--no-messages",
  "--no-mmap",
  "--text",
  "--encoding=none",
  "--crlf",
  `--regex-size-limit=${LIMITS.search.expressionBytes}`,
  `--dfa-size-limit=${LIMITS.search.automatonBytes}`,
];

/** What ripgrep is to look for. */
export interface Grep {
  /** `folded`: any of the folded texts, whatever the case. `regex`: any of the expressions in ripgrep's syntax, case counts. */
  kind: "folded" | "regex";
  patterns: readonly string[];
}

/** A row of the text that matched, counted from 1, and the byte in it, from 0, where the first match begins. */
export interface MatchingRow {
  row: number;
  byte: number;
}

/** Throws `invalid_input` with ripgrep's reason when the text is no regular expression, or one too large. */
export async function assertRegex(expression: string, signal: AbortSignal): Promise<void> {
  if (isSimpleExpression(expression)) return;
  const rows = matchingRows({ kind: "regex", patterns: [expression] }, [], signal);
  for await (const row of rows) throw new Error(`a match in nothing: ${row.row}`);
}

/**
 * Files with a match in folders and files below `root`, by their names below it, in no order; hidden files and links
 * are passed over. Ends early when the signal aborts. The names are hints: who opens one must not follow links.
 */
export async function* filesWithMatch(
  grep: Grep,
  where: { root: string; paths: readonly string[]; signal: AbortSignal },
): AsyncGenerator<string> {
  if (where.paths.length === 0) return;
  const options = [
    "--files-with-matches",
    "--null",
    "--path-separator=/",
    "--no-ignore",
    // It would hold a long line in memory as a whole.
    `--max-filesize=${LIMITS.knowledge.fileBytes}`,
    ...patternArguments(grep),
  ];
  await using run = new Run([...options, "--", ...where.paths], where.root, where.signal);
  run.feed([]);
  for await (const name of run.pieces("\0")) yield name;
  await run.succeeded();
}

/** Rows of a text that match, in order; the text is the pieces one after the other. Ends early when the signal aborts. */
export async function* matchingRows(
  grep: Grep,
  text: readonly Uint8Array[],
  signal: AbortSignal,
): AsyncGenerator<MatchingRow> {
  // Only numbers come back: a row of a megabyte with a match at every character costs no more than any other.
  const options = [
    "--no-filename",
    "--line-number",
    "--column",
    "--max-columns=1",
    ...patternArguments(grep),
  ];
  await using run = new Run([...options, "--", "-"], "/", signal);
  run.feed(text);
  for await (const line of run.pieces("\n")) {
    const [, row, column] = /^(\d+):(\d+):/.exec(line) ?? [];
    if (row !== undefined && column !== undefined) yield { row: Number(row), byte: Number(column) - 1 };
  }
  await run.succeeded();
}

function patternArguments({ kind, patterns }: Grep): string[] {
  const isFolded = kind === "folded";
  const expressions = isFolded ? patterns.map(asExpression) : patterns;
  return [
    isFolded ? "--ignore-case" : "--case-sensitive",
    ...expressions.flatMap((expression) => ["-e", expression]),
  ];
}

/** U+0130 folds to `i` with us (`fold`), and with ripgrep to nothing but itself. */
function asExpression(folded: string): string {
  return folded.replaceAll(/[\\.+*?()|[\]{}^$]/g, "\\$&").replaceAll("i", "[i\u0130]");
}

/** One process from its start to its end. */
class Run implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<unknown[]>;
  readonly #signal: AbortSignal;
  #reason = "";
  #killed = false;
  readonly #kill = () => {
    this.#killed = true;
    this.#child.kill("SIGKILL");
  };

  constructor(options: readonly string[], cwd: string, signal: AbortSignal) {
    this.#signal = signal;
    this.#child = spawn(rgPath, [...ALWAYS, ...options], { cwd, env: {}, stdio: "pipe", windowsHide: true });
    // A hostile expression keeps a core busy until its time is over: everybody else's requests go first.
    if (this.#child.pid !== undefined) processGivesWay(this.#child.pid);
    this.#closed = once(this.#child, "close");
    // Awaited by `succeeded` and at the end; an early failure must not count as unhandled until then.
    this.#closed.catch(() => {});
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      if (this.#reason.length < 10 * LIMITS.search.reasonChars) this.#reason += text;
    });
    signal.addEventListener("abort", this.#kill);
    if (signal.aborted) this.#kill();
  }

  /** Sends the text while the answers are read. */
  feed(text: readonly Uint8Array[]): void {
    // A process that ends early, for a bad pattern or because it was killed, does not read its input to the end.
    pipeline(Readable.from(text, { objectMode: true }), this.#child.stdin).catch(() => {});
  }

  /** The output, cut at every `end`, read no faster than it is taken. Pieces are short: names and numbers. */
  async *pieces(end: string): AsyncGenerator<string> {
    let rest = "";
    this.#child.stdout.setEncoding("utf8");
    for await (const text of this.#child.stdout) {
      const parts = `${rest}${text}`.split(end);
      rest = parts.pop() ?? "";
      yield* parts;
    }
  }

  /** Waits for the end. Throws when the pattern was refused; files that could not be read are no failure. */
  async succeeded(): Promise<void> {
    const [code] = await this.#closed;
    if (!this.#killed && code !== 0 && code !== 1 && this.#reason !== "") throw refusedPattern(this.#reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener("abort", this.#kill);
    this.#child.stdout.destroy();
    if (this.#child.exitCode === null) this.#kill();
    await this.#closed.catch(() => {});
  }
}

function refusedPattern(stderr: string): AppError {
  const lines = stderr.split("\n");
  const line = lines.find((text) => text.startsWith("error: ")) ?? lines[0] ?? "";
  const reason = maskSecrets(line.replace(/^(?:error|rg): /, "")).slice(0, LIMITS.search.reasonChars);
  return new AppError("invalid_input", `query: not a regular expression that can be searched: ${reason}`, {
    hint: "The syntax is that of Rust's regex, without look-around and backreferences; mode literal takes any text",
  });
}
