import { createHash } from "node:crypto";
import { lstatSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../../disk/atomic-file.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { Folder } from "../../disk/folder.ts";
import type { Environment, Home } from "../home/home.ts";
import { namesIn } from "../outbox/boxes.ts";
import { VERSION } from "../version.ts";
import { lookAround, type Watched } from "./look-around.ts";
import { isSealed, sealed } from "./seal.ts";

/**
 * What is known after a sync that found nothing to do: as long as everything is as it was then, there is nothing to do.
 * Only a shortcut, in a file of its own: without it a sync looks at every file and finds out again.
 */
export interface Calm {
  /** Digest of all that decides what a sync looks at and whom it asks. */
  settings: string;
  /** The files of the state, by size and time. */
  state: string;
  watched: Watched;
  /** Digest of everything that is watched. */
  seen: string;
  /** What the sync said. */
  answer: { json: string; text: string };
}

const FILE = "calm.json";
/** Another program may look at other things. */
const SEALED_AS = `calm ${VERSION}`;
/** What of the environment a sync depends on. */
const VARIABLES = ["MCP_MEMORY_URL", "MCP_MEMORY_TOKEN", "SYNC_TOKEN", "CLAUDE_CONFIG_DIR", "CODEX_HOME"];

/** The last sync's answer, if nothing has changed since. Changes nothing on the disk and loads no schemas. */
export async function calmAnswer(environment: Environment): Promise<Calm["answer"] | undefined> {
  const { home } = environment;
  const bytes = await unlessMissing(readFile(join(home.state, FILE)));
  if (bytes === undefined || !isSealed(bytes, SEALED_AS)) return undefined;
  const calm: Calm = JSON.parse(bytes.toString("utf8"));
  const isSame =
    (await settingsOf(environment)) === calm.settings &&
    (await stateOf(home)) === calm.state &&
    (await isIdle(home)) &&
    (await lookAround(calm.watched)).digest === calm.seen;
  return isSame ? calm.answer : undefined;
}

/** Keeps it for the next sync. */
export async function keepCalm(home: Home, calm: Omit<Calm, "state">): Promise<void> {
  await using folder = await Folder.open(home.state);
  await replaceFile(folder, FILE, sealed({ ...calm, state: await stateOf(home) }, SEALED_AS));
}

/** True when no job waits and none is worked on. */
export async function isIdle(home: Home): Promise<boolean> {
  return (await namesIn(home, "new")).length === 0 && (await namesIn(home, "cur")).length === 0;
}

export async function settingsOf({ env, home, userHome, hostname }: Environment): Promise<string> {
  const names = (await unlessMissing(readdir(home.manifests))) ?? [];
  const paths = [home.config, home.credentials, ...names.sort().map((name) => join(home.manifests, name))];
  const texts: (string | undefined)[] = [];
  for (const path of paths) texts.push(await unlessMissing(readFile(path, "utf8")));
  const variables = VARIABLES.map((name) => env[name] ?? null);
  const all = JSON.stringify([userHome, hostname, variables, paths, texts.map((text) => text ?? null)]);
  return createHash("sha256").update(all).digest("hex");
}

async function stateOf(home: Home): Promise<string> {
  const names = (await unlessMissing(readdir(home.state))) ?? [];
  const files = names.filter((name) => name.endsWith(".json") && name !== FILE).sort();
  return files
    .map((name) => {
      const { size, mtimeNs, ino } = lstatSync(join(home.state, name), { bigint: true });
      return [name, size, mtimeNs, ino].join(" ");
    })
    .join("\n");
}
