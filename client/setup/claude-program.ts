import { execFile } from "node:child_process";
import { LIMITS } from "../../contract/limits.ts";
import type { Environment } from "../home/home.ts";
import { onPath } from "./on-path.ts";

/** Claude Code's own program, which changes its settings as it likes them. */
export class ClaudeProgram {
  readonly #path: string;
  readonly #environment: Environment;

  private constructor(path: string, environment: Environment) {
    this.#path = path;
    this.#environment = environment;
  }

  /** Undefined where it is not on PATH. */
  static find(environment: Environment): ClaudeProgram | undefined {
    // What npm puts there on Windows is a batch file, which cannot be given quotes safely.
    const path = process.platform === "win32" ? undefined : onPath(environment.env, "claude");
    return path === undefined ? undefined : new ClaudeProgram(path, environment);
  }

  /** Adds a server for all of the person's projects. What came of it is in the file: it may fail in silence. */
  async addServer(name: string, entry: unknown): Promise<void> {
    await this.#run(["mcp", "add-json", name, JSON.stringify(entry), "-s", "user"]);
  }

  async removeServer(name: string): Promise<void> {
    await this.#run(["mcp", "remove", name, "-s", "user"]);
  }

  /** In the person's own folder: the one they are in may be a project, with settings of its own. */
  async #run(args: readonly string[]): Promise<void> {
    const { env, userHome } = this.#environment;
    const options = { cwd: userHome, env: { ...env }, timeout: LIMITS.client.programMs, windowsHide: true };
    await new Promise<void>((resolve) => {
      const child = execFile(this.#path, [...args], options, () => resolve());
      child.stdin?.on("error", () => {});
      child.stdin?.end();
    });
  }
}
