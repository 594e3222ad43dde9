import type { DatabaseSync, StatementSync } from "node:sqlite";
import { numberIn, textIn, type Row } from "../database/columns.ts";
import { RankedIds } from "./ranked-ids.ts";
import { comparePlaces, documentKey, type Place } from "../order.ts";

/** A table of documents, and what its columns are called. */
interface Table {
  name: "file" | "archive";
  /** What tells a document from others of its workspace. */
  named: "path" | "session_id";
  start: "time_ms" | "started_ms";
  end: "time_ms" | "ended_ms";
}

/** Where the index of the knowledge has its documents. */
export const FILES: Table = { name: "file", named: "path", start: "time_ms", end: "time_ms" };
/** Where the index of the sessions has its documents. */
export const ARCHIVES: Table = {
  name: "archive",
  named: "session_id",
  start: "started_ms",
  end: "ended_ms",
};

/** Documents that a search may look into. Times are milliseconds since 1970; `beforeMs` is the first one that is too late. */
export interface Among {
  workspaces: readonly string[];
  afterMs?: number | undefined;
  beforeMs?: number | undefined;
}

/**
 * What a lookup knows by heart of every document: its workspace, its times and its rank in the order of answers. Ranks
 * are small numbers, so that long lists of them are put in order quickly. Arrays go by the id of a document.
 */
export class Documents {
  readonly #statements: Record<
    "version" | "changes" | "count" | "ids" | "nameOf" | "workspaces",
    StatementSync
  >;
  readonly #order = new RankedIds();
  /** Of documents that had to be told from others of the same time. */
  readonly #keys = new Map<number, string>();
  #workspaceNames = new Map<number, string>();
  #workspace = new Int32Array();
  #startMs = new Float64Array();
  #endMs = new Float64Array();
  /** By workspace, how many documents it has. */
  #counts: number[] = [];
  /** The number of the last change that was taken in. */
  #lastChange = 0;
  #seen = 0;

  constructor(database: DatabaseSync, { name, named, start, end }: Table) {
    this.#statements = {
      version: database.prepare("pragma data_version"),
      changes: database.prepare(
        `select id, workspace, ${start} as start, ${end} as end, change from ${name} where change > ?`,
      ),
      count: database.prepare(`select count(*) as count from ${name}`),
      ids: database.prepare(`select id from ${name}`),
      nameOf: database.prepare(`select ${named} as name from ${name} where id = ?`),
      workspaces: database.prepare("select id, name from workspace"),
    };
  }

  /** Takes in what changed since, and gives the ids of what is new or other than before. Call it first in every transaction. */
  refresh(): readonly number[] {
    const { version, workspaces, changes, count } = this.#statements;
    // It moves with whatever somebody else commits.
    const seen = numberIn(version.get() ?? {}, "data_version");
    if (seen === this.#seen) return [];
    this.#workspaceNames = new Map(workspaces.all().map((row) => [numberIn(row, "id"), textIn(row, "name")]));
    const changed: number[] = [];
    // One by one: all rows of a large index at once would take more memory than everything else.
    for (const row of changes.iterate(this.#lastChange)) changed.push(this.#set(row));
    this.#order.remove(changed);
    this.#order.insert(changed, this.#compare);
    if (this.#order.length !== numberIn(count.get() ?? {}, "count")) this.#forgetGone();
    this.#recount();
    this.#seen = seen;
    return changed;
  }

  /** Their ids, newest first. */
  idsIn(among: Among): Int32Array {
    return this.#order.filter(this.isAmong(among));
  }

  /** How many they are. */
  countIn(among: Among): number {
    if (among.afterMs !== undefined || among.beforeMs !== undefined) return this.idsIn(among).length;
    const wanted = new Set(among.workspaces);
    let count = 0;
    for (const [id, name] of this.#workspaceNames) if (wanted.has(name)) count += this.#counts[id] ?? 0;
    return count;
  }

  /** Tells which documents belong to them. */
  isAmong({ workspaces, afterMs = -Infinity, beforeMs = Infinity }: Among): (id: number) => boolean {
    const wanted = new Set(workspaces);
    const ids = [...this.#workspaceNames].flatMap(([id, name]) => (wanted.has(name) ? [id] : []));
    const isWanted = new Uint8Array(Math.max(0, ...ids) + 1);
    for (const id of ids) isWanted[id] = 1;
    return (id) =>
      isWanted[this.#workspace[id] ?? 0] === 1 &&
      (this.#endMs[id] ?? 0) >= afterMs &&
      (this.#startMs[id] ?? 0) < beforeMs;
  }

  workspaceOf(id: number): string {
    return this.#workspaceNames.get(this.#workspace[id] ?? 0) ?? "";
  }

  placeOf(id: number): Place {
    return { timeMs: this.#startMs[id] ?? 0, key: this.#keyOf(id) };
  }

  /** Smaller for what comes earlier in an answer. */
  rankOf(id: number): number {
    return this.#order.rankOf(id);
  }

  withRank(rank: number): number {
    return this.#order.withRank(rank);
  }

  /** The rank of the first document at this place or after it. */
  rankFrom(place: Place): number {
    return this.#order.firstRank((id) => comparePlaces(this.placeOf(id), place) < 0);
  }

  #set(row: Row): number {
    const id = numberIn(row, "id");
    this.#makeRoom(id);
    this.#workspace[id] = numberIn(row, "workspace");
    this.#startMs[id] = numberIn(row, "start");
    this.#endMs[id] = numberIn(row, "end");
    this.#lastChange = Math.max(this.#lastChange, numberIn(row, "change"));
    return id;
  }

  /** Nothing is said of what is deleted: it is missing. */
  #forgetGone(): void {
    const there = new Set(this.#statements.ids.all().map((row) => numberIn(row, "id")));
    const gone = [...this.#order].filter((id) => !there.has(id));
    for (const id of gone) this.#keys.delete(id);
    this.#order.remove(gone);
    this.#order.insert([], this.#compare);
  }

  #recount(): void {
    this.#counts = [];
    for (const id of this.#order) {
      const workspace = this.#workspace[id] ?? 0;
      this.#counts[workspace] = (this.#counts[workspace] ?? 0) + 1;
    }
  }

  #makeRoom(id: number): void {
    if (id < this.#workspace.length) return;
    const length = 2 * id + 1;
    this.#workspace = copied(this.#workspace, new Int32Array(length));
    this.#startMs = copied(this.#startMs, new Float64Array(length));
    this.#endMs = copied(this.#endMs, new Float64Array(length));
  }

  readonly #compare = (a: number, b: number): number => {
    const later = (this.#startMs[b] ?? 0) - (this.#startMs[a] ?? 0);
    return later === 0 ? comparePlaces(this.placeOf(a), this.placeOf(b)) : later;
  };

  #keyOf(id: number): string {
    const known = this.#keys.get(id);
    if (known !== undefined) return known;
    // One that is gone is about to be forgotten.
    const name = this.#statements.nameOf.get(id)?.["name"];
    const key = documentKey(this.workspaceOf(id), typeof name === "string" ? name : "");
    this.#keys.set(id, key);
    return key;
  }
}

function copied<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
