import { lstatSync } from "node:fs";
import { lstat } from "node:fs/promises";
import { LIMITS } from "../../contract/limits.ts";
import { mapBounded } from "../../disk/bounded.ts";
import { unlessMissing } from "../../disk/errno.ts";
import type { Folder } from "../../disk/folder.ts";

/** A folder `<year>/<month>` in a workspace's `sessions/`. */
export interface MonthFolder {
  folders: readonly [string, string];
  /** When it was changed last, in nanoseconds. */
  modified: bigint;
}

type Month = MonthFolder["folders"];

/** How `sessions/` and its years looked when their names were read. */
interface Seen {
  top: bigint;
  years: ReadonlyMap<string, bigint>;
  months: readonly Month[];
}

/**
 * The folders of months of one workspace. As long as those above them have not changed their names are known, and
 * looking at all of them takes no longer than looking at one.
 */
export class MonthFolders {
  #seen: Seen | undefined;

  /** The months as they are now. A month's time is looked up before anybody reads what is in it. */
  async look(top: Folder): Promise<MonthFolder[]> {
    return (await this.#lookAgain(top)) ?? this.#read(top);
  }

  /** Undefined when names have to be read. */
  async #lookAgain(top: Folder): Promise<MonthFolder[] | undefined> {
    const seen = this.#seen;
    if (seen === undefined) return undefined;
    const now = await top.stats();
    const years = [...seen.years.keys()].map((year) => timeHere(top.at(year)));
    const months = seen.months.map(([year, month]) => timeHere(`${top.at(year)}/${month}`));
    const isSame =
      now.mtimeNs === seen.top && [...seen.years.values()].every((time, index) => time === years[index]);
    const found = seen.months.flatMap((folders, index) => monthAt(folders, months[index]));
    return isSame && found.length === seen.months.length ? found : undefined;
  }

  async #read(top: Folder): Promise<MonthFolder[]> {
    const { mtimeNs } = await top.stats();
    const names = await namesOf(top, /^\d{4}$/);
    const times = await timesOf(names.map((year) => top.at(year)));
    const years = new Map(names.flatMap((year, index) => entryOf(year, times[index])));
    const found: MonthFolder[] = [];
    for (const year of years.keys()) found.push(...(await monthsOf(top, year)));
    const isSettled = [mtimeNs, ...years.values()].every((time) => ageMs(time) > LIMITS.sessions.settledMs);
    // What changes a moment later may leave the same time on a folder.
    this.#seen = isSettled ? { top: mtimeNs, years, months: found.map(({ folders }) => folders) } : undefined;
    return found;
  }
}

async function monthsOf(top: Folder, year: string): Promise<MonthFolder[]> {
  await using folder = await top.enter(year);
  const names = await namesOf(folder, /^\d{2}$/);
  const times = await timesOf(names.map((month) => folder.at(month)));
  return names.flatMap((month, index) => monthAt([year, month], times[index]));
}

/** Folders with such names; links are none. */
async function namesOf(folder: Folder, name: RegExp): Promise<string[]> {
  const entries = await folder.entries();
  return entries.filter((entry) => name.test(entry.name) && entry.isDirectory()).map((entry) => entry.name);
}

function timesOf(paths: readonly string[]): Promise<(bigint | undefined)[]> {
  return mapBounded(
    paths,
    LIMITS.concurrency.fileReads,
    async (path) => (await unlessMissing(lstat(path, { bigint: true })))?.mtimeNs,
  );
}

/** As `timesOf`, for a folder that was looked at before: the system has it in memory, and answers in a microsecond. */
function timeHere(path: string): bigint | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false })?.mtimeNs;
}

function monthAt(folders: Month, modified: bigint | undefined): MonthFolder[] {
  return modified === undefined ? [] : [{ folders, modified }];
}

function entryOf(year: string, time: bigint | undefined): [string, bigint][] {
  return time === undefined ? [] : [[year, time]];
}

function ageMs(timeNs: bigint): number {
  return Date.now() - Number(timeNs / 1_000_000n);
}
