import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { unlessMissing } from "../../disk/errno.ts";
import type { Edit } from "../../client/edit/edit.ts";
import { jsonEdit } from "../../client/edit/json-edit.ts";
import type { JsonWant } from "../../client/edit/json-insert.ts";
import type { Json } from "../../client/edit/jsonc.ts";
import { putIn, type PutIn } from "../../client/edit/put-in.ts";
import { SetupRecord } from "../../client/edit/setup-record.ts";
import { takeBack, type TakenBack } from "../../client/edit/take-back.ts";
import { blockEdit } from "../../client/edit/text-block.ts";
import { tomlEdit } from "../../client/edit/toml-block.ts";
import { environmentOf, type Home } from "../../client/home/home.ts";
import { tempFolder } from "./temp-folder.ts";
import { folderContents } from "./folder-contents.ts";

const COMMAND = "'/home/me/.memory-sync/bin/memory-sync' claude-hook";
const URL = "https://memory.example.com/mcp";

/** A hook as an installer adds it; those of older installs have another path. */
export function hookWant(event: string, timeout: number): JsonWant {
  return {
    path: ["hooks", event],
    at: "element",
    value: { hooks: [{ type: "command", command: COMMAND, timeout }] },
    isOurs: (value) => commandOf(value)?.endsWith("memory-sync' claude-hook") ?? false,
    isStale: (value) => commandOf(value) !== COMMAND,
  };
}

export const allowWant: JsonWant = {
  path: ["permissions", "allow"],
  at: "element",
  value: "mcp__memory",
  isOurs: (value) => value === "mcp__memory",
};

export const serverWant: JsonWant = {
  path: ["mcpServers", "memory"],
  at: "property",
  value: { type: "http", url: URL },
  isOurs: (value) => isNamed(value) && value["url"] === URL,
};

export const HOOK_WANTS = [
  hookWant("SessionEnd", 30),
  hookWant("SessionStart", 10),
  hookWant("PreCompact", 10),
];

/** What an installer puts into each of the files it knows, by the folder of the samples. */
export const EDITS: Record<string, Edit> = {
  settings: jsonEdit([...HOOK_WANTS, allowWant]),
  claude: jsonEdit([serverWant]),
  "codex-hooks": jsonEdit([hookWant("Stop", 30)]),
  "codex-config": tomlEdit({
    name: "memory-sync",
    path: ["mcp_servers", "memory"],
    lines: ["[mcp_servers.memory]", `url = "${URL}"`, 'bearer_token_env_var = "MCP_MEMORY_TOKEN"'],
  }),
  shell: blockEdit({
    name: "memory-sync",
    lines: ["[ -r ~/.memory-sync/env ] && . ~/.memory-sync/env"],
  }),
};

/** Settings with a comment and a hook of somebody else. */
export const HOOKED_SETTINGS = `{
  "model": "opus", // mine
  "hooks": {
    "SessionEnd": [
      { "hooks": [{ "type": "command", "command": "say bye" }] }
    ]
  }
}
`;

/** Throws for a folder of samples that nothing is put into. */
export function editOf(folder: string): Edit {
  const edit = EDITS[folder];
  if (edit === undefined) throw new Error(`nothing is known of ${folder}`);
  return edit;
}

/** A person's folder with one file in it, and a client that edits it. */
export interface EditLab extends AsyncDisposable {
  readonly path: string;
  readonly home: Home;
  install(edit: Edit, path?: string): Promise<PutIn>;
  uninstall(edit: Edit, path?: string): Promise<TakenBack>;
  /** All of the person's files: bytes, modes, links, and which file it is. */
  files(): Promise<string[]>;
  backups(): Promise<string[]>;
}

export async function editLab(bytes: Uint8Array | string | undefined, mode = 0o644): Promise<EditLab> {
  const folder = await tempFolder();
  const person = join(folder.path, "person");
  await mkdir(person, { mode: 0o755 });
  const path = join(person, "settings");
  if (bytes !== undefined) {
    await writeFile(path, bytes);
    await chmod(path, mode);
  }
  const { home } = environmentOf({ MEMORY_SYNC_HOME: join(folder.path, "sync") });
  return {
    path,
    home,
    install: (edit, file = path) => withRecord(home, (record) => putIn(record, file, edit)),
    uninstall: (edit, file = path) => withRecord(home, (record) => takeBack(record, file, edit)),
    files: () => folderContents(person),
    backups: async () => (await unlessMissing(readdir(join(home.root, "backups")))) ?? [],
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** The text of the lab's file. */
export function readIn({ path }: EditLab): Promise<string> {
  return readFile(path, "utf8");
}

/** Edits the lab's file as a person does. */
export async function changeIn(lab: EditLab, edit: (text: string) => string): Promise<void> {
  await writeFile(lab.path, edit(await readIn(lab)));
}

async function withRecord<T>(home: Home, work: (record: SetupRecord) => Promise<T>): Promise<T> {
  await using record = await SetupRecord.open(home);
  return await work(record);
}

function commandOf(value: Json): string | undefined {
  const command = isNamed(value) ? value["command"] : undefined;
  return typeof command === "string" ? command : undefined;
}

function isNamed(value: Json): value is { [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
