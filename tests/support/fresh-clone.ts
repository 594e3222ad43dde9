import { spawn } from "node:child_process";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { childEnv } from "./child-env.ts";
import { finished, type Finished } from "./run-program.ts";
import { tempFolder } from "./temp-folder.ts";

const ROOT = join(import.meta.dirname, "../..");
/** What a clone has and a server or a release is made of. */
const SOURCES = [
  "bin",
  "client",
  "contract",
  "deploy",
  "disk",
  "docs",
  "memory-tool",
  "proxy",
  "scripts",
  "server",
  "server_content",
  "package.json",
  "package-lock.json",
  "README.md",
  "SPEC.md",
  "SECURITY.md",
  "CHANGELOG.md",
  "LICENSE",
];

/**
 * `npm ci` puts the packages of this repository in place instead of fetching them, and is noted; everything else is npm's
 * own doing. With --omit=dev what builds the client is left out, as npm leaves it out.
 */
const NPM = `#!/bin/bash
if [ "$1" != ci ]; then exec "$(type -aP npm | sed -n 2p)" "$@"; fi
echo "npm $*" >>"$NPM_LOG"
mkdir -p node_modules
ln -sfn "${ROOT}"/node_modules/* "${ROOT}/node_modules/.bin" node_modules/
case "$*" in *--omit=dev*) rm node_modules/esbuild ;; esac
`;

/** A folder as `git clone` leaves it: nothing is installed and nothing built. Removes itself. */
export class FreshClone implements AsyncDisposable {
  readonly path: string;
  /** The HOME of whoever works in it. */
  readonly home: string;
  readonly #env: Record<string, string>;
  readonly #closing: AsyncDisposableStack;

  private constructor(work: string, closing: AsyncDisposableStack) {
    this.path = join(work, "clone");
    this.home = join(work, "home");
    this.#env = {
      HOME: this.home,
      NPM_LOG: join(work, "npm.log"),
      PATH: [join(work, "programs"), process.env["PATH"] ?? ""].join(delimiter),
    };
    this.#closing = closing;
  }

  static async create(): Promise<FreshClone> {
    await using closing = new AsyncDisposableStack();
    const { path } = closing.use(await tempFolder());
    for (const name of ["clone", "home", "programs"]) await mkdir(join(path, name));
    for (const source of SOURCES)
      await cp(join(ROOT, source), join(path, "clone", source), { recursive: true });
    await writeFile(join(path, "programs/npm"), NPM, { mode: 0o755 });
    return new FreshClone(path, closing.move());
  }

  /** Types commands in it, to their end. */
  async type(commands: string, env: Record<string, string> = {}): Promise<Finished> {
    return finished(this.#start(commands, env));
  }

  /** Types commands of which the last one serves, and waits for it; it ends with the clone. */
  async serve(
    commands: string,
    env: Record<string, string> = {},
  ): Promise<{ url: string; log: () => string }> {
    const child = this.#start(commands, env, { detached: true });
    const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
    this.#closing.defer(async () => {
      // The shell, npm, npm's shell and the server.
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGTERM");
      await gone;
    });
    let log = "";
    const url = await new Promise<string>((resolve, reject) => {
      const collect = (chunk: Buffer) => {
        log += chunk.toString("utf8");
        const found = /(?:"url":"|is listening on )(http:[^"\s]+)["\n]/.exec(log)?.[1];
        if (found !== undefined) resolve(found);
      };
      child.stdout.on("data", collect);
      child.stderr.on("data", collect);
      child.once("exit", (code) => reject(new Error(`it ended with ${code}: ${log}`)));
    });
    return { url, log: () => log };
  }

  #start(commands: string, env: Record<string, string>, { detached = false } = {}) {
    const options = { cwd: this.path, env: childEnv({ ...this.#env, ...env }), detached };
    return spawn("bash", ["-e", "-c", commands], { ...options, stdio: "pipe" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing.disposeAsync();
  }
}
