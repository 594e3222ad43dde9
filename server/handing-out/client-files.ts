import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../../disk/digest.ts";
import { isErrno, unlessMissing } from "../../disk/errno.ts";
import { rendered } from "./render.ts";

/** The scripts that install the client: of shells, and of PowerShell. */
type InstallScript = "install.sh" | "install.ps1";

/** A program in one file. */
export interface ProgramFile {
  readonly bundle: Buffer;
  /** Of the bundle, in hexadecimal. */
  readonly sha256: string;
}

/** The client as this server hands it out to machines that have nothing of it yet. */
export interface ClientFiles extends ProgramFile {
  /** The proxy in front of the Messages API; undefined when it is not built. */
  readonly proxy: ProgramFile | undefined;
  /** A script that installs this very bundle from `url`. Throws `invalid_input` for a URL that has no place in a script. */
  script(name: InstallScript, url: string): string;
}

/**
 * Reads the built client and its scripts from the folder of the program, once: what is handed out does not change
 * while the server runs. Undefined when the client is not built, or the scripts were left out of an installation.
 */
export async function readClientFiles(program: string, version: string): Promise<ClientFiles | undefined> {
  try {
    const [bundle, proxy, shell, powerShell] = await Promise.all([
      readFile(join(program, "dist/memory-sync.mjs")),
      unlessMissing(readFile(join(program, "dist/memory-proxy.mjs"))),
      readFile(join(program, "client/install.sh"), "utf8"),
      readFile(join(program, "client/install.ps1"), "utf8"),
    ]);
    return clientFiles({
      bundle,
      proxy,
      templates: { "install.sh": shell, "install.ps1": powerShell },
      version,
    });
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

function clientFiles({
  bundle,
  proxy,
  templates,
  version,
}: {
  bundle: Buffer;
  proxy: Buffer | undefined;
  templates: Record<InstallScript, string>;
  version: string;
}): ClientFiles {
  const client = programFile(bundle);
  return {
    ...client,
    proxy: proxy === undefined ? undefined : programFile(proxy),
    script: (name, url) => rendered(templates[name], { url, sha256: client.sha256, version }),
  };
}

function programFile(bundle: Buffer): ProgramFile {
  return { bundle, sha256: sha256(bundle) };
}
