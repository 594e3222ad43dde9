import { execFile, spawn } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { childEnv } from "./child-env.ts";
import { finished, type Finished } from "./run-program.ts";
import { tempFolder } from "./temp-folder.ts";

const ROOT = join(import.meta.dirname, "../..");
/** The program as its sources, and as the one file that is installed. */
const PROGRAMS = {
  source: join(ROOT, "client/main.ts"),
  bundle: join(ROOT, "dist/memory-sync.mjs"),
} as const;
export type Program = keyof typeof PROGRAMS;

/** Builds `dist/memory-sync.mjs` and `dist/memory-proxy.mjs`. */
export async function buildBundle(): Promise<void> {
  for (const script of ["build-client.ts", "build-proxy.ts"])
    await promisify(execFile)(process.execPath, [join(ROOT, "scripts", script)]);
}

/** One person's machine: a HOME of its own in which real `memory-sync` processes run. Removes itself. */
export class Machine implements AsyncDisposable {
  readonly home: string;
  /** What the processes get as environment, besides HOME and PATH. */
  readonly env: Record<string, string>;
  /** The program that runs them. */
  readonly #node: string;
  readonly #remove: () => Promise<void>;

  private constructor(
    home: string,
    env: Record<string, string>,
    { node, remove }: { node: string; remove: () => Promise<void> },
  ) {
    this.home = home;
    this.env = env;
    this.#node = node;
    this.#remove = remove;
  }

  static async create(env: Record<string, string> = {}, node: string = process.execPath): Promise<Machine> {
    const folder = await tempFolder();
    return new Machine(folder.path, env, { node, remove: async () => folder[Symbol.asyncDispose]() });
  }

  /** A path below HOME. */
  path(...parts: string[]): string {
    return join(this.home, ...parts);
  }

  async write(path: string, content: string | Uint8Array): Promise<string> {
    const target = this.path(path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
    return target;
  }

  /** What starts `memory-sync …`, for programs that do it themselves. */
  starter(args: readonly string[], program: Program = "source") {
    return {
      command: this.#node,
      args: [PROGRAMS[program], ...args],
      cwd: this.home,
      env: definedOf(childEnv({ HOME: this.home, ...this.env })),
    };
  }

  /** Starts `memory-sync …` and leaves its stdin open. */
  start(args: readonly string[], program: Program = "source") {
    const { command, args: all, ...options } = this.starter(args, program);
    return spawn(command, all, { ...options, stdio: ["pipe", "pipe", "pipe"] });
  }

  async run(
    args: readonly string[],
    { stdin = "", program = "source" }: { stdin?: string; program?: Program } = {},
  ): Promise<Finished> {
    return finished(this.start(args, program), stdin);
  }

  /** Names in a box of the outbox. */
  async box(name: "new" | "cur" | "done"): Promise<string[]> {
    return (await readdir(this.path(".memory-sync/queue", name)).catch(() => [])).filter((file) =>
      file.endsWith(".json"),
    );
  }

  /** A log, empty when there is none. */
  async log(name: "hook" | "sync"): Promise<string> {
    return readFile(this.path(".memory-sync/log", `${name}.log`), "utf8").catch(() => "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#remove();
  }
}

function definedOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
