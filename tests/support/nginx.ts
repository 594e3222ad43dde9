import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { finished, type Finished } from "./run-program.ts";
import { tempFolder } from "./temp-folder.ts";
import { tool } from "./tool.ts";

const OPENSSL = tool("openssl", "openssl");
const SHIPPED = join(import.meta.dirname, "../../deploy/nginx");
const STARTED_MS = 10_000;

interface NginxOptions {
  program: string;
  /** Where the server behind it listens. */
  serverPort: number;
  /** What becomes of each shipped file before it is used, to show that a test convicts. */
  change?: (text: string) => string;
}

/**
 * A real nginx with the files of deploy/nginx, in a folder of its own, on ports of its own. A request from this machine
 * may claim with `X-Test-Address` to come from elsewhere: nothing else differs from what is installed.
 */
export class Nginx implements AsyncDisposable {
  readonly folder: string;
  readonly httpsPort: number;
  readonly lanPort: number;
  /** What clients must trust. */
  readonly certificate: string;
  readonly #child: ChildProcess;
  readonly #remove: () => Promise<void>;

  private constructor(made: Omit<Prepared, "remove">, child: ChildProcess, remove: () => Promise<void>) {
    this.folder = made.folder;
    this.httpsPort = made.httpsPort;
    this.lanPort = made.lanPort;
    this.certificate = made.certificate;
    this.#child = child;
    this.#remove = remove;
  }

  /** The process that accepts, and does all the work: there are no workers beside it. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("nginx was not started");
    return this.#child.pid;
  }

  static async start(options: NginxOptions): Promise<Nginx> {
    const made = await prepare(options);
    const checked = await nginx(options.program, made.folder, ["-t"]);
    if (checked.code !== 0) throw new Error(`nginx -t: ${checked.stderr}`);
    const child = spawn(options.program, ["-p", made.folder, "-c", join(made.folder, "nginx.conf")], {
      stdio: "inherit",
    });
    await untilListening(made.httpsPort);
    return new Nginx(made, child, made.remove);
  }

  /** Everything in both logs so far. */
  async logs(): Promise<string> {
    const [access, error] = await Promise.all(
      ["access", "error"].map((name) => readFile(join(this.folder, `federated-memory-${name}.log`), "utf8")),
    );
    return `${access}${error}`;
  }

  /** The lines of the access log for a path, once there are so many of them. */
  async logged(path: string, { lines }: { lines: number }): Promise<Record<string, string>[]> {
    for (;;) {
      const found = (await this.logs())
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line): Record<string, string> => JSON.parse(line))
        .filter((entry) => entry["path"] === path);
      if (found.length >= lines) return found;
      await delay(20);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
    await this.#remove();
  }
}

interface Prepared {
  folder: string;
  httpsPort: number;
  lanPort: number;
  certificate: string;
  remove: () => Promise<void>;
}

async function prepare({ serverPort, change = (text) => text }: NginxOptions): Promise<Prepared> {
  const temporary = await tempFolder();
  const folder = temporary.path;
  const [httpsPort, lanPort] = await freePorts();
  await Promise.all(["snippets", "bodies"].map((name) => mkdir(join(folder, name))));
  await openssl(folder);
  const filled = async (name: string, to: string) => {
    const text = fill(await readFile(join(SHIPPED, name), "utf8"), {
      serverPort,
      httpsPort,
      lanPort,
      folder,
    });
    await writeFile(join(folder, to), change(text));
  };
  await filled("federated-memory-http.conf", "http.conf");
  await filled("federated-memory-server.conf", "snippets/federated-memory.conf");
  await filled("federated-memory-headers.conf", "snippets/federated-memory-headers.conf");
  await filled("federated-memory-tls.conf", "tls.conf");
  await filled("federated-memory-lan.conf", "lan.conf");
  await writeFile(join(folder, "nginx.conf"), frame(folder));
  return {
    folder,
    httpsPort,
    lanPort,
    certificate: await readFile(join(folder, "cert.pem"), "utf8"),
    remove: async () => temporary[Symbol.asyncDispose](),
  };
}

/** As install.sh does it: a system without IPv6 has nothing to listen on there. */
function fill(
  template: string,
  at: { serverPort: number; httpsPort: number; lanPort: number; folder: string },
): string {
  const text = existsSync("/proc/net/if_inet6")
    ? template
    : template.replaceAll(/^.*listen \[::\].*\n/gm, "");
  return text
    .replaceAll("@SERVER_PORT@", String(at.serverPort))
    .replaceAll("@HTTPS_PORT@", String(at.httpsPort))
    .replaceAll("@LAN_PORT@", String(at.lanPort))
    .replaceAll("@NAME@", "localhost")
    .replaceAll("@CERTIFICATE@", join(at.folder, "cert.pem"))
    .replaceAll("@CERTIFICATE_KEY@", join(at.folder, "key.pem"))
    .replaceAll("/var/log/nginx/", `${at.folder}/`);
}

/** Stands for Debian's nginx.conf. One process, so that its memory is all there is. */
function frame(folder: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${folder}/bodies;`)
    .join("\n  ");
  return `daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log ${folder}/global-error.log;
events { worker_connections 768; }
http {
  ${temporary}
  set_real_ip_from 127.0.0.0/8;
  real_ip_header X-Test-Address;
  include ${folder}/http.conf;
  include ${folder}/tls.conf;
  include ${folder}/lan.conf;
}
`;
}

function nginx(program: string, folder: string, args: readonly string[]): Promise<Finished> {
  return finished(
    spawn(program, ["-p", folder, "-c", join(folder, "nginx.conf"), ...args], { stdio: "pipe" }),
  );
}

async function openssl(folder: string): Promise<void> {
  const args =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost";
  const files = ["-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"];
  const made = await finished(
    spawn(OPENSSL ?? "", [...args.split(" "), ...files], { cwd: folder, stdio: "pipe" }),
  );
  if (made.code !== 0) throw new Error(`openssl: ${made.stderr}`);
}

/** Two ports that nobody listens on now. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()] as const;
  const ports = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      return portOf(server.address());
    }),
  );
  for (const server of servers) server.close();
  return [ports[0] ?? 0, ports[1] ?? 0];
}

export function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}

async function untilListening(port: number): Promise<void> {
  const until = Date.now() + STARTED_MS;
  while (Date.now() < until) {
    if (await isListening(port)) return;
    await delay(20);
  }
  throw new Error("nginx does not listen");
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
