import { join, resolve } from "node:path";

/** Where the clients keep their files on this machine. */
export interface TranscriptPlaces {
  /** Claude Code's folder, `~/.claude` unless CLAUDE_CONFIG_DIR says otherwise. */
  claude: string;
  /** Codex's folder, `~/.codex` unless CODEX_HOME says otherwise. */
  codex: string;
}

export function transcriptPlaces(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): TranscriptPlaces {
  return {
    claude: resolve(env["CLAUDE_CONFIG_DIR"] || join(home, ".claude")),
    codex: resolve(env["CODEX_HOME"] || join(home, ".codex")),
  };
}
