import { createHash } from "node:crypto";
import { textOf, type FileItem, type Item } from "../item.ts";
import { BACKUP_FILES } from "../manifest.ts";
import { manifestDifferences } from "../manifest-differences.ts";
import { manifestIn, type Manifest } from "../stored.ts";
import { isArchive, type Extent } from "./extent.ts";
import { finding, type Finding } from "./finding.ts";

/** Every file of a backup against what the backup says of it. Throws `damaged` when it says nothing that can be read. */
export async function backupFindings(
  items: AsyncIterable<Item> | Iterable<Item>,
  progress?: (item: Item) => void,
): Promise<Extent & { findings: Finding[] }> {
  const found = new Map<string, string>();
  const texts: { about?: string; digests?: string } = {};
  const foreign: Finding[] = [];
  let bytes = 0;
  for await (const item of items) {
    progress?.(item);
    if (item.kind === "skipped") foreign.push(finding("manifest.extra", item.path, "a link or a device"));
    if (item.kind === "link") found.set(item.path, found.get(item.to) ?? "");
    if (item.kind !== "file") continue;
    if (item.path === BACKUP_FILES.about) texts.about = await textOf(item);
    else if (item.path === BACKUP_FILES.digests) texts.digests = await textOf(item);
    else found.set(item.path, await itemDigest(item));
    bytes += item.sizeBytes;
  }
  const { digests } = manifestIn(texts);
  const differences = [...manifestDifferences(digests, found)];
  const findings = differences.map(({ id, path, what }) => finding(id, path, what));
  const archives = [...found.keys()].filter(isArchive).length;
  return { findings: [...findings, ...foreign], files: found.size, bytes, archives };
}

/** What a backup says of its files, and when they were changed last. Throws `damaged` for what is no backup. */
export async function backupStamps(items: AsyncIterable<Item> | Iterable<Item>): Promise<Stamped> {
  const times = new Map<string, Stamp>();
  const texts: { about?: string; digests?: string } = {};
  for await (const item of items) {
    const first = item.kind === "link" ? times.get(item.to) : undefined;
    if (first !== undefined) times.set(item.path, first);
    if (item.kind !== "file") continue;
    if (item.path === BACKUP_FILES.about) texts.about = await textOf(item);
    else if (item.path === BACKUP_FILES.digests) texts.digests = await textOf(item);
    else times.set(item.path, { sizeBytes: item.sizeBytes, modifiedMs: item.modified.getTime() });
  }
  return { ...manifestIn(texts), times };
}

/** What a file was when it was backed up. */
export interface Stamp {
  sizeBytes: number;
  modifiedMs: number;
}
/** All that a backup says of its files. */
export type Stamped = Manifest & { times: ReadonlyMap<string, Stamp> };

/** SHA-256 of all its bytes. */
export async function itemDigest({ pieces }: FileItem): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of pieces()) hash.update(piece);
  return hash.digest("hex");
}
