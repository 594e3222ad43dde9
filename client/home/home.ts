import { homedir, hostname } from "node:os";
import { isAbsolute, join, resolve, sep } from "node:path";

/** The environment variables that decide what the client does, all of them: a sync is done in full once one has changed. */
export const VARIABLES = {
  home: "MEMORY_SYNC_HOME",
  url: "MCP_MEMORY_URL",
  aiToken: "MCP_MEMORY_TOKEN",
  syncToken: "SYNC_TOKEN",
  claudeFolder: "CLAUDE_CONFIG_DIR",
  codexFolder: "CODEX_HOME",
  memoryFolder: "MEMORY_DIR",
} as const;

export type Env = Readonly<Record<string, string | undefined>>;

/** Where everything of the client lies: `MEMORY_SYNC_HOME`, else `~/.memory-sync`. */
export interface Home {
  readonly root: string;
  readonly config: string;
  readonly credentials: string;
  readonly manifests: string;
  readonly state: string;
  readonly queue: string;
  readonly log: string;
  /** The installed programs. */
  readonly bin: string;
}

/** What the client knows of the process it runs in. Commands get this instead of reading it themselves. */
export interface Environment {
  readonly env: Env;
  /** The person's home folder, what `~` stands for. */
  readonly userHome: string;
  readonly hostname: string;
  readonly home: Home;
}

/** The surroundings of this process, from its environment variables. */
export function environmentOf(env: Env): Environment {
  const userHome = homedir();
  const root = expandHome(env[VARIABLES.home] || "~/.memory-sync", userHome);
  return { env, userHome, hostname: hostname(), home: homeAt(root) };
}

function homeAt(root: string): Home {
  return {
    root,
    config: join(root, "config.json"),
    credentials: join(root, "credentials.json"),
    manifests: join(root, "manifests"),
    state: join(root, "state"),
    queue: join(root, "queue"),
    log: join(root, "log"),
    bin: join(root, "bin"),
  };
}

/** An absolute path from one that may begin with `~`; a relative one counts from the current folder. */
export function expandHome(path: string, userHome: string): string {
  if (path === "~") return userHome;
  if (/^~[/\\]/.test(path)) return join(userHome, path.slice(2));
  return isAbsolute(path) ? path : resolve(path);
}

/** The other way round: `~/…` for what lies in the home folder, as people and other machines read it. */
export function withTilde(path: string, userHome: string): string {
  return path.startsWith(`${userHome}${sep}`)
    ? `~/${path.slice(userHome.length + 1).replaceAll(sep, "/")}`
    : path;
}

/** As `join(folder, name)` for names that a folder gave, which need no second look; `/` parts those of folders below it. */
export function pathsIn(folder: string): (name: string) => string {
  const base = join(folder, sep);
  return sep === "/" ? (name) => base + name : (name) => base + name.replaceAll("/", sep);
}
