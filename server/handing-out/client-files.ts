import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../../disk/digest.ts";
import { isErrno } from "../../disk/errno.ts";
import { rendered } from "./render.ts";

/** The scripts that install the client: of shells, and of PowerShell. */
type InstallScript = "install.sh" | "install.ps1";

/** The client as this server hands it out to machines that have nothing of it yet. */
export interface ClientFiles {
  /** The client's one file. */
  readonly bundle: Buffer;
  /** Of the bundle, in hexadecimal. */
  readonly sha256: string;
  /** A script that installs this very bundle from `url`. Throws `invalid_input` for a URL that has no place in a script. */
  script(name: InstallScript, url: string): string;
}

/**
 * Reads the built client and its scripts from the folder of the program, once: what is handed out does not change
 * while the server runs. Undefined when the client is not built, or the scripts were left out of an installation.
 */
export async function readClientFiles(program: string, version: string): Promise<ClientFiles | undefined> {
  try {
    const [bundle, shell, powerShell] = await Promise.all([
      readFile(join(program, "dist/memory-sync.mjs")),
      readFile(join(program, "client/install.sh"), "utf8"),
      readFile(join(program, "client/install.ps1"), "utf8"),
    ]);
    return clientFiles({ bundle, templates: { "install.sh": shell, "install.ps1": powerShell }, version });
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

function clientFiles({
  bundle,
  templates,
  version,
}: {
  bundle: Buffer;
  templates: Record<InstallScript, string>;
  version: string;
}): ClientFiles {
  const digest = sha256(bundle);
  return {
    bundle,
    sha256: digest,
    script: (name, url) => rendered(templates[name], { url, sha256: digest, version }),
  };
}
