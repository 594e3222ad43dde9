import { existsSync, lstatSync, readFileSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../disk/digest.ts";

/** What bench makes and keeps between runs; everything in it can be deleted at any time. */
export const CACHE = join(import.meta.dirname, ".cache");

/** Raise it when a generator writes something else than before for the same plan. */
export const GENERATOR_VERSION = 1;

/** The unit in which files say how much disk they take. */
const BLOCK_BYTES = 512;
/** Says that an entry is complete, and what its maker found out about it. */
const DONE = "done.json";

interface Wanted<Facts> {
  /** What it is, as a folder's name; none begins like another. */
  name: string;
  /** What it is made of: another plan makes another entry. */
  plan: object;
  /** Fills the folder. What it gives is kept beside it. */
  make: (folder: string) => Promise<Facts>;
  /** Checks what was kept. */
  parse: (kept: unknown) => Facts;
}

/** An entry of the cache. */
export interface Cached<Facts> {
  folder: string;
  facts: Facts;
}

/**
 * What was made before by the same plan and generators, or made now. It gets its name when it is complete, so a run that was cut
 * short leaves nothing that looks like one. Entries of the same name by other plans are removed.
 */
export async function cached<Facts>({ name, plan, make, parse }: Wanted<Facts>): Promise<Cached<Facts>> {
  const digest = sha256(JSON.stringify({ GENERATOR_VERSION, plan })).slice(0, 12);
  const folder = join(CACHE, `${name}-${digest}`);
  if (existsSync(join(folder, DONE)))
    return { folder, facts: parse(JSON.parse(readFileSync(join(folder, DONE), "utf8"))) };
  await removeOthers(name);
  const making = `${folder}.making`;
  await mkdir(making, { recursive: true });
  const facts = await make(making);
  await writeFile(join(making, DONE), JSON.stringify(facts));
  await rename(making, folder);
  return { folder, facts };
}

async function removeOthers(name: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const entries = (await readdir(CACHE)).filter((entry) => entry.startsWith(`${name}-`));
  for (const entry of entries) await rm(join(CACHE, entry), { recursive: true, force: true });
}

/** Disk space that the files of the cache take. */
export async function cacheBytes(): Promise<number> {
  const entries = await readdir(CACHE, { recursive: true, withFileTypes: true });
  let bytes = 0;
  for (const entry of entries)
    if (entry.isFile()) bytes += lstatSync(join(entry.parentPath, entry.name)).blocks * BLOCK_BYTES;
  return bytes;
}
