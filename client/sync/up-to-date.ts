import { createHash } from "node:crypto";
import { lstatSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../../disk/atomic-file.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { Folder } from "../../disk/folder.ts";
import { VARIABLES, type Environment, type Home } from "../home/home.ts";
import { namesIn } from "../outbox/boxes.ts";
import { VERSION } from "../version.ts";
import { hasChecksum, withChecksum } from "./checksum.ts";
import { fingerprintOf, type Inputs } from "./fingerprint.ts";

/** What a sync depends on besides its inputs. */
export interface Conditions {
  /** Digest of all that decides what a sync looks at and whom it asks. */
  settings: string;
  /** The files of the state, by size and time. */
  state: string;
}

/**
 * What is known after a sync that found nothing to do: as long as everything is as it was then, there is nothing to do.
 * Only a shortcut, in a file of its own: without it a sync looks at every file and finds out again.
 */
export interface UpToDate extends Conditions {
  inputs: Inputs;
  /** Digest of how all inputs looked. */
  fingerprint: string;
  /** What the sync said. */
  answer: { json: string; text: string };
}

const FILE = "up-to-date.json";
const FORMAT = 1;
/** Another program may look at other things. */
const CHECKSUM_OF = `up-to-date ${FORMAT} ${VERSION}`;

/** The last sync's answer, if nothing has changed since. Changes nothing on the disk and loads no schemas. */
export async function upToDateAnswer(environment: Environment): Promise<UpToDate["answer"] | undefined> {
  const { home } = environment;
  const bytes = await unlessMissing(readFile(join(home.state, FILE)));
  if (bytes === undefined || !hasChecksum(bytes, CHECKSUM_OF)) return undefined;
  // What has the checksum was written by this version: its shape needs no second look.
  const record: UpToDate = JSON.parse(bytes.toString("utf8"));
  const isSame =
    isEqual(await conditionsOf(environment), record) &&
    (await isIdle(home)) &&
    (await fingerprintOf(record.inputs)).digest === record.fingerprint;
  return isSame ? record.answer : undefined;
}

/** Keeps it for the next sync, unless something has changed or waits by now. */
export async function recordUpToDate(environment: Environment, record: UpToDate): Promise<void> {
  const { home } = environment;
  if (!(await isIdle(home)) || !isEqual(await conditionsOf(environment), record)) return;
  await using folder = await Folder.open(home.state);
  await replaceFile(folder, FILE, withChecksum(record, CHECKSUM_OF));
}

/** How they are now. */
export async function conditionsOf(environment: Environment): Promise<Conditions> {
  return { settings: await settingsOf(environment), state: await stateOf(environment.home) };
}

function isEqual(one: Conditions, other: Conditions): boolean {
  return one.settings === other.settings && one.state === other.state;
}

/** True when no job waits and none is worked on. */
async function isIdle(home: Home): Promise<boolean> {
  return (await namesIn(home, "new")).length === 0 && (await namesIn(home, "cur")).length === 0;
}

/** The current folder counts, for relative paths begin there. */
async function settingsOf({ env, home, userHome, hostname }: Environment): Promise<string> {
  const names = (await unlessMissing(readdir(home.manifests))) ?? [];
  const manifests = names.filter((name) => name.endsWith(".json")).sort();
  const paths = [home.config, home.credentials, ...manifests.map((name) => join(home.manifests, name))];
  const texts: (string | null)[] = [];
  for (const path of paths) texts.push((await unlessMissing(readFile(path, "utf8"))) ?? null);
  const variables = Object.values(VARIABLES).map((name) => env[name] ?? null);
  const all = JSON.stringify([userHome, hostname, process.cwd(), variables, paths, texts]);
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
