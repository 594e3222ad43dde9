import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { Edit } from "../edit/edit.ts";
import { blockEdit } from "../edit/text-block.ts";
import { VARIABLES, type Environment, type Home } from "../home/home.ts";
import { shellWord } from "../launcher/quote.ts";

/** What stands in the marks around ours. */
export const BLOCK = "memory-sync";

/** The file with what Codex must find in its environment. */
export function envFile({ root }: Home): string {
  return join(root, "env");
}

/** Its text, for sh, bash, zsh and fish alike. */
export function envText(aiToken: string): string {
  return `# Written by \`memory-sync install\`; read by your shell, for Codex.\nexport ${VARIABLES.aiToken}=${shellWord(aiToken)}\n`;
}

/** Has a shell read it. The block ends well also where it is gone, for some shells run under `set -e`. */
export function shellEdit(home: Home, file: string): Edit {
  const path = shellWord(envFile(home));
  const lines = file.endsWith(".fish")
    ? [`test -r ${path}; and source ${path}; or true`]
    : [`if [ -r ${path} ]; then . ${path}; fi`];
  return blockEdit({ name: BLOCK, lines });
}

/**
 * The start files of the person's login shell that set what all its programs see, and what a new terminal reads. The
 * first one is made if it is not there.
 */
export function startFiles({ env, userHome }: Environment, isThere = existsSync): string[] {
  const at = (name: string): string => join(userHome, name);
  const shell = basename(env["SHELL"] ?? "");
  if (shell === "zsh") return [join(env["ZDOTDIR"] || userHome, ".zshenv")];
  if (shell === "fish")
    return [join(env["XDG_CONFIG_HOME"] || at(".config"), "fish/conf.d", `${BLOCK}.fish`)];
  const login = [".bash_profile", ".bash_login", ".profile"].map(at);
  // Others than bash read `.profile` only.
  const first = (shell === "bash" ? login.find((path) => isThere(path)) : undefined) ?? at(".profile");
  return shell === "bash" && isThere(at(".bashrc")) ? [first, at(".bashrc")] : [first];
}
