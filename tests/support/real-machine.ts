import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { finished, type Finished } from "./run-program.ts";
import type { RealClients } from "./real-clients.ts";
import { tempFolder } from "./temp-folder.ts";

/** Settings by which the clients reach nothing but the addresses they are given. */
const QUIET = {
  ANTHROPIC_API_KEY: "no-key",
  DISABLE_TELEMETRY: "1",
  DISABLE_AUTOUPDATER: "1",
  DISABLE_ERROR_REPORTING: "1",
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
};
const CODEX_CONFIG = (url: string): string => `# what Ann wrote
model_provider = "fake"
model = "gpt-5.5-codex"
check_for_update_on_startup = false
approval_policy = "never"

[model_providers.fake]
name = "fake"
base_url = "${url}"
wire_api = "responses"

[features]
plugins = false

[analytics]
enabled = false
`;

/** A person's machine with a HOME of its own, on which the real clients run. Removes itself. */
export class RealMachine implements AsyncDisposable {
  readonly home: string;
  readonly #clients: RealClients;
  readonly #remove: () => Promise<void>;

  private constructor(home: string, clients: RealClients, remove: () => Promise<void>) {
    this.home = home;
    this.#clients = clients;
    this.#remove = remove;
  }

  /** `models`: where each client finds its model. */
  static async create(clients: RealClients, models: { claude: string; codex: string }): Promise<RealMachine> {
    const folder = await tempFolder();
    const home = join(folder.path, "Ann's home");
    for (const path of ["shop", ".claude", ".codex"]) await mkdir(join(home, path), { recursive: true });
    await writeFile(join(home, ".codex/config.toml"), CODEX_CONFIG(models.codex));
    await writeFile(join(home, ".profile"), `export ANTHROPIC_BASE_URL=${models.claude}\n`);
    return new RealMachine(home, clients, async () => folder[Symbol.asyncDispose]());
  }

  /** A path below HOME. */
  path(...parts: string[]): string {
    return join(this.home, ...parts);
  }

  /** A line typed into a login shell, which reads the person's start files. */
  async type(line: string): Promise<Finished> {
    const { claude } = this.#clients;
    const PATH = [dirname(process.execPath), dirname(claude), "/usr/bin", "/bin"].join(delimiter);
    const child = spawn("bash", ["-c", `. "$HOME/.profile"; cd "$HOME/shop"; ${line}`], {
      env: { PATH, HOME: this.home, SHELL: "/bin/bash", LANG: "C.UTF-8", ...QUIET },
      stdio: "pipe",
      detached: true,
    });
    return finished(child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#remove();
  }
}
