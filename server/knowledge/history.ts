import type { BigIntStats } from "node:fs";
import { lstat, unlink, type FileHandle } from "node:fs/promises";
import { LIMITS } from "../../contract/limits.ts";
import { digestOf } from "../../disk/digest.ts";
import { unlessMissing } from "../../disk/errno.ts";
import type { Folder } from "../../disk/folder.ts";
import { parseVersionName } from "../storage/layout.ts";
import { isRecent, versionsToDrop, type DatedVersion } from "./retention.ts";

/** A version on disk: a content, or the mark that the file was deleted then. */
export interface KeptVersion {
  version: number;
  deleted: boolean;
  name: string;
}

/**
 * The versions of one file, as they were when this was opened. Versions are only ever added, under numbers never
 * used before, and dropped by retention. The newest content is a hard link of the current file, so an edit in
 * place changes both: what it replaced is kept only if the editor writes a new file, as most do.
 */
export class History implements AsyncDisposable {
  /** Oldest first. */
  readonly versions: readonly KeptVersion[];
  /** The number the next version gets. */
  readonly next: number;
  readonly #folder: Folder | undefined;

  private constructor(folder: Folder | undefined, versions: KeptVersion[], next: number) {
    this.#folder = folder;
    this.versions = versions;
    this.next = next;
  }

  /** `folder` is undefined for a file without versions; it is closed with the history. */
  static async open(folder: Folder | undefined): Promise<History> {
    if (folder === undefined) return new History(undefined, [], 1);
    await using closing = new AsyncDisposableStack();
    closing.use(folder);
    const numbered = (await folder.entries()).flatMap((entry) => {
      const parsed = parseVersionName(entry.name);
      return parsed === undefined ? [] : [{ ...parsed, name: entry.name, isFile: entry.isFile() }];
    });
    closing.move();
    numbered.sort((a, b) => a.version - b.version || Number(a.deleted) - Number(b.deleted));
    // A folder whose name looks like a version belongs to another file; its number is left out.
    const versions = numbered.filter(({ isFile }) => isFile).map(({ isFile: _, ...kept }) => kept);
    return new History(folder, versions, (numbered.at(-1)?.version ?? 0) + 1);
  }

  get newest(): KeptVersion | undefined {
    return this.versions.at(-1);
  }

  /** How many contents are kept. */
  get contents(): number {
    return this.versions.filter(({ deleted }) => !deleted).length;
  }

  /** Path of a version for one file-system call. */
  at(name: string): string {
    return this.#opened().at(name);
  }

  openWithStats(kept: KeptVersion): Promise<{ handle: FileHandle; stats: BigIntStats }> {
    return this.#opened().openWithStats(kept.name);
  }

  sync(): Promise<void> {
    return this.#opened().sync();
  }

  /** The version that was the newest at `time`; marks of deletion count. */
  async newestAt(time: Date): Promise<KeptVersion | undefined> {
    for (const kept of this.versions.toReversed()) {
      const stats = await this.#stat(kept);
      if (stats !== undefined && modifiedOf(stats) <= time) return kept;
    }
    return undefined;
  }

  /** The version that is the same file as the one with these stats, by hard link. */
  async linkedWith(stats: BigIntStats): Promise<KeptVersion | undefined> {
    for (const kept of this.versions.toReversed()) {
      const own = await this.#stat(kept);
      if (own !== undefined && own.ino === stats.ino && own.dev === stats.dev) return kept;
    }
    return undefined;
  }

  /** The newest version, when it holds the same bytes: how a copy or a restored backup looks, without hard links. */
  async newestEqual(handle: FileHandle, stats: BigIntStats): Promise<KeptVersion | undefined> {
    const { newest } = this;
    if (newest === undefined || newest.deleted) return undefined;
    const own = await this.#stat(newest);
    if (own === undefined || !own.isFile() || own.size !== stats.size) return undefined;
    await using kept = (await this.openWithStats(newest)).handle;
    return (await digestOf(kept)) === (await digestOf(handle)) ? newest : undefined;
  }

  /** Drops what retention lets go. Looks up the age of the oldest versions only, so it stays cheap in a long history. */
  async prune(now: Date): Promise<void> {
    if (this.versions.length <= LIMITS.versions.newest) return;
    const dropped = new Set(versionsToDrop(await this.#dated(now), now));
    for (const { version, name } of this.versions)
      if (dropped.has(version)) await unlessMissing(unlink(this.at(name)));
  }

  async #dated(now: Date): Promise<DatedVersion[]> {
    const dated: DatedVersion[] = [];
    for (const kept of this.versions) {
      const before = dated.at(-1);
      const isKnownRecent = before !== undefined && (before.time === undefined || isRecent(before.time, now));
      const stats = isKnownRecent ? undefined : await this.#stat(kept);
      dated.push({ version: kept.version, time: stats && modifiedOf(stats) });
    }
    return dated;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder?.[Symbol.asyncDispose]();
  }

  #stat(kept: KeptVersion): Promise<BigIntStats | undefined> {
    return unlessMissing(lstat(this.at(kept.name), { bigint: true }));
  }

  #opened(): Folder {
    if (this.#folder === undefined) throw new Error("a file without versions has no folder for them");
    return this.#folder;
  }
}

/** When a file was last changed, to the millisecond, rounded the same way everywhere. */
export function modifiedOf(stats: BigIntStats): Date {
  return new Date(Math.round(Number(stats.mtimeNs) / 1e6));
}
