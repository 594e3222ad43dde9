import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { chmod, mkdir, readFile, readlink, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer } from "node:net";
import { basename, delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { portOf } from "./nginx.ts";
import { makeRelease } from "./release.ts";
import { finished, type Finished } from "./run-program.ts";
import { tempFolder } from "./temp-folder.ts";

const DEPLOY = join(import.meta.dirname, "../../deploy");

/** Stands for systemd: starts and ends the server that is installed below a folder, with its settings, for real. */
const SYSTEMCTL = `#!/bin/bash
[ "$1" = restart ] || [ "$1" = stop ] || exit 0
pid=$(cat "$FAKE_ROOT/pid" 2>/dev/null)
if [ -n "$pid" ]; then
  kill "$pid" 2>/dev/null
  while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
fi
[ "$1" = restart ] || exit 0
program=$FAKE_ROOT/opt/federated-memory
set -a; . "$program/.env"; set +a
MEMORY_ROOT=$FAKE_ROOT/var/lib/federated-memory setsid "$program/current/bin/node" "$program/current/server/main.ts" \\
  >>"$FAKE_ROOT/journal" 2>&1 </dev/null &
echo $! >"$FAKE_ROOT/pid"
`;

/** A folder that stands for / of a machine, with the server installed by deploy/install.sh and running. */
export class InstalledServer implements AsyncDisposable {
  readonly root: string;
  /** Where releases are made. */
  readonly folder: string;
  readonly #port: number;
  readonly #remove: () => Promise<void>;

  private constructor(at: { root: string; folder: string; port: number }, remove: () => Promise<void>) {
    this.root = at.root;
    this.folder = at.folder;
    this.#port = at.port;
    this.#remove = remove;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  static async start(version: string): Promise<InstalledServer> {
    const temporary = await tempFolder();
    const at = {
      root: join(temporary.path, "machine"),
      folder: join(temporary.path, "releases"),
      port: await freePort(),
    };
    await mkdir(join(at.root, "fake"), { recursive: true });
    await mkdir(at.folder);
    await writeFile(join(at.root, "fake/systemctl"), SYSTEMCTL);
    await chmod(join(at.root, "fake/systemctl"), 0o755);
    const server = new InstalledServer(at, async () => temporary[Symbol.asyncDispose]());
    const release = await makeRelease(at.folder, { version });
    const options = ["--no-nginx", "--no-fail2ban", "--port", String(at.port), "--release", release];
    const installed = await server.run("install.sh", options);
    if (installed.code !== 0) throw new Error(installed.stderr);
    await server.#systemctl("restart");
    await server.#untilReady();
    return server;
  }

  /** Runs a script of deploy/ on this machine. */
  run(script: string, args: readonly string[], stdin = ""): Promise<Finished> {
    return finished(this.begin(script, args), stdin);
  }

  /** As `run`, for whoever stops the script on its way. */
  begin(script: string, args: readonly string[]): ChildProcessWithoutNullStreams {
    return spawn("bash", [join(DEPLOY, script), "--root", this.root, ...args], {
      env: this.#env,
      stdio: "pipe",
    });
  }

  release(version: string, how: { broken?: string; main?: string } = {}): Promise<string> {
    return makeRelease(this.folder, { version, ...how });
  }

  /** The folder of the release that a link names, without its digest. */
  async linked(name: "current" | "previous"): Promise<string> {
    return basename(await readlink(join(this.root, "opt/federated-memory", name))).replace(
      /-[0-9a-f]{8}$/,
      "",
    );
  }

  /** The number of the process that serves. */
  pid(): Promise<string> {
    return readFile(join(this.root, "pid"), "utf8");
  }

  async setting(name: string): Promise<string> {
    const text = await readFile(join(this.root, "opt/federated-memory/.env"), "utf8");
    return new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1] ?? "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#systemctl("stop");
    await this.#remove();
  }

  async #untilReady(): Promise<void> {
    for (;;) {
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      if (answer?.ok === true) return;
      await delay(20);
    }
  }

  async #systemctl(what: "restart" | "stop"): Promise<void> {
    await finished(spawn(join(this.root, "fake/systemctl"), [what], { env: this.#env, stdio: "pipe" }));
  }

  get #env(): NodeJS.ProcessEnv {
    const PATH = [join(this.root, "fake"), process.env["PATH"]].join(delimiter);
    return { PATH, FAKE_ROOT: this.root, HEALTH_SECONDS: "8", TRY_SECONDS: "20" };
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server.address());
  server.close();
  return port;
}
