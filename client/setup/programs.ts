import type { Environment } from "../home/home.ts";
import { installedAt, type Installed } from "../launcher/install-launcher.ts";
import { shellWord, windowsArgument } from "../launcher/quote.ts";

/** What other programs are told to start. All paths are absolute. */
export interface Programs extends Installed {
  readonly node: string;
  readonly windows: boolean;
}

/** The programs of this process's client. */
export function programsOf(environment: Environment): Programs {
  return {
    ...installedAt(environment),
    node: process.execPath,
    windows: process.platform === "win32",
  };
}

/** What a shell runs to start a command of the client, whatever stands in the path. */
export function commandLine(
  { launcher, windows }: Programs,
  command: "claude-hook" | "install" | "mcp-headers" | "rescue" | "sync" | "uninstall",
): string {
  return `${windows ? windowsArgument(launcher) : shellWord(launcher)} ${command}`;
}
