import { join } from "node:path";
import { transcriptPlaces } from "../archive/places.ts";
import type { Edit } from "../edit/edit.ts";
import { tomlEdit } from "../edit/toml-block.ts";
import { VARIABLES, type Environment } from "../home/home.ts";
import { BLOCK } from "./shell-files.ts";

/** Files of Codex. */
export interface CodexPlaces {
  readonly folder: string;
  readonly config: string;
  readonly hooks: string;
}

/** Where Codex keeps its settings. */
export function codexPlaces({ env, userHome }: Environment): CodexPlaces {
  const { codex: folder } = transcriptPlaces(env, userHome);
  return { folder, config: join(folder, "config.toml"), hooks: join(folder, "hooks.json") };
}

/** The server as Codex is told of it: its token comes from the environment. */
export function codexServerEdit(
  name: string,
  { url, allowTools }: { url: string; allowTools: boolean },
): Edit {
  const lines = [
    `[mcp_servers.${name}]`,
    `url = ${JSON.stringify(url)}`,
    `bearer_token_env_var = ${JSON.stringify(VARIABLES.aiToken)}`,
    ...(allowTools ? ['default_tools_approval_mode = "approve"'] : []),
  ];
  return tomlEdit({ name: BLOCK, path: ["mcp_servers", name], lines });
}

/** The name under which an install of ours put the server into a text of settings. */
export function codexServerIn(text: string): string | undefined {
  return /^# >>> memory-sync >>>\r?\n\[mcp_servers\.([\w-]+)\]\r?$/m.exec(text)?.[1];
}
