import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join, relative } from "node:path";
import { unlessMissing } from "../../disk/errno.ts";
import { childEnv } from "./child-env.ts";
import { finished, type Finished } from "./run-program.ts";
import { tempFolder } from "./temp-folder.ts";
import { folderContents } from "./folder-contents.ts";

const BUNDLE = join(import.meta.dirname, "../../dist/memory-sync.mjs");

/** A crontab in a file of HOME. */
const CRONTAB = `#!/bin/sh
[ -n "$HAS_CRON" ] || { echo "crontab: not here" >&2; exit 1; }
case "$1" in
  -l) cat "$HOME/../crontab" 2>/dev/null || { echo "no crontab for you" >&2; exit 1; } ;;
  -r) rm "$HOME/../crontab" ;;
  -) cat >"$HOME/../crontab" ;;
esac
`;
/** Notes what it is asked. */
const SYSTEMCTL = `#!/bin/sh
[ -n "$HAS_SYSTEMD" ] || exit 1
echo "$*" >>"$HOME/../systemctl.log"
case "$*" in *is-system-running) echo running ;; esac
`;
/** Edits and formats its file as Claude Code does, and notes what stood on its command line. */
const CLAUDE = `#!${process.execPath}
const { appendFileSync, readFileSync, writeFileSync } = require("node:fs"), { join } = require("node:path");
const { HOME, CLAUDE_CONFIG_DIR } = process.env, [, , , what, name, json] = process.argv;
appendFileSync(join(HOME, "../claude.log"), process.argv.slice(2).join(" ") + "\\n");
const path = join(CLAUDE_CONFIG_DIR ?? HOME, ".claude.json");
let held = {};
try { held = JSON.parse(readFileSync(path, "utf8")); } catch {}
held.mcpServers ??= {};
if (what === "add-json" && held.mcpServers[name] !== undefined) process.exit(1);
if (what === "add-json") held.mcpServers[name] = JSON.parse(json);
else delete held.mcpServers[name];
writeFileSync(path, JSON.stringify(held, null, 2), { mode: 0o600 });
`;

interface PersonOptions {
  /** The name of the home folder. */
  name?: string;
  env?: Record<string, string>;
  /** Claude Code's program is on PATH. */
  claude?: boolean;
}

/**
 * A person's HOME, in which the built client is installed. What the system and Claude Code bring along is played by small
 * programs on PATH: nothing of this machine's own is changed. Removes itself.
 */
export class Person implements AsyncDisposable {
  readonly home: string;
  readonly env: Record<string, string>;
  readonly #remove: () => Promise<void>;

  private constructor(home: string, env: Record<string, string>, remove: () => Promise<void>) {
    this.home = home;
    this.env = env;
    this.#remove = remove;
  }

  static async create({ name = "me", env = {}, claude = false }: PersonOptions = {}): Promise<Person> {
    const folder = await tempFolder();
    const [home, programs] = [join(folder.path, name), join(folder.path, "programs")];
    await mkdir(home);
    await mkdir(programs);
    const all = { crontab: CRONTAB, systemctl: SYSTEMCTL, ...(claude && { claude: CLAUDE }) };
    for (const [program, text] of Object.entries(all))
      await writeFile(join(programs, program), text, { mode: 0o755 });
    const PATH = [programs, dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter);
    const own = Object.fromEntries(
      Object.entries(env).map(([key, value]) => [key, value.replace("~", home)]),
    );
    return new Person(home, { HOME: home, PATH, SHELL: "/bin/bash", ...own }, async () =>
      folder[Symbol.asyncDispose](),
    );
  }

  path(...parts: string[]): string {
    return join(this.home, ...parts);
  }

  async write(path: string, content: string): Promise<string> {
    const target = this.path(path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
    return target;
  }

  read(path: string): Promise<string> {
    return readFile(this.path(path), "utf8");
  }

  /** What one of the programs noted, or the crontab; empty when there is none. */
  async noted(name: "claude.log" | "systemctl.log" | "crontab"): Promise<string> {
    return (await unlessMissing(readFile(join(this.home, "..", name), "utf8"))) ?? "";
  }

  start(args: readonly string[], env: Record<string, string> = {}) {
    return spawn(process.execPath, [BUNDLE, ...args], {
      cwd: this.home,
      env: childEnv({ ...this.env, ...env }),
      stdio: "pipe",
      // Without a terminal to ask at.
      detached: true,
    });
  }

  async run(
    args: readonly string[],
    { stdin, env }: { stdin?: string; env?: Record<string, string> } = {},
  ): Promise<Finished> {
    return finished(this.start(args, env), stdin);
  }

  /** Runs a command as a client does. */
  async shell(command: string, stdin = "", env: Record<string, string> = {}): Promise<Finished> {
    const options = { cwd: this.home, env: childEnv({ ...this.env, ...env }), stdio: "pipe" } as const;
    return finished(spawn("/bin/sh", ["-c", command], options), stdin);
  }

  /** Everything in HOME but the client's own folder: bytes, modes, links. */
  async files(): Promise<string[]> {
    return (await folderContents(this.home)).filter((line) => !/^\.memory-sync\b|^own sync\b/.test(line));
  }

  /** Everything that installing wrote, its own folder included. */
  async allFiles(): Promise<string[]> {
    return folderContents(this.home);
  }

  /** The names of the files in HOME that hold a text. */
  async filesWith(text: string): Promise<string[]> {
    const names = (await readdir(this.home, { recursive: true, withFileTypes: true })).flatMap((entry) =>
      entry.isFile() ? relative(this.home, join(entry.parentPath, entry.name)) : [],
    );
    const texts = await Promise.all(names.map((name) => this.read(name)));
    return names.filter((_, index) => texts[index]?.includes(text)).toSorted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#remove();
  }
}
