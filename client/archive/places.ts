import { join, resolve } from "node:path";
import { VARIABLES, type Env } from "../home/home.ts";

/** Where the clients keep their files on this machine. */
export interface TranscriptPlaces {
  /** Claude Code's folder, `~/.claude` unless CLAUDE_CONFIG_DIR says otherwise. */
  claude: string;
  /** Codex's folder, `~/.codex` unless CODEX_HOME says otherwise. */
  codex: string;
}

/** The clients' own folders, or those that the environment names; `home` is the person's home folder. */
export function transcriptPlaces(env: Env, home: string): TranscriptPlaces {
  return {
    claude: resolve(env[VARIABLES.claudeFolder] || join(home, ".claude")),
    codex: resolve(env[VARIABLES.codexFolder] || join(home, ".codex")),
  };
}
