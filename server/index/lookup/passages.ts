import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { TurnRole } from "../../../contract/search.ts";
import { numberIn, type Row } from "../database/columns.ts";
import { passageId, roleBit } from "../database/schema.ts";

/** Lines of an archive, counted from 1, both ends included. */
export type LineRange = readonly [first: number, last: number];

/** Which passages count: by who speaks in them, and by when, in milliseconds since 1970. */
export interface PassageFilter {
  roles?: readonly TurnRole[] | undefined;
  afterMs?: number | undefined;
  beforeMs?: number | undefined;
}

/** Looks passages up by their ids, and knows by heart how many every archive has. */
export class Passages {
  readonly #one: StatementSync;
  readonly #count: StatementSync;
  readonly #counts = new Map<number, number>();

  constructor(database: DatabaseSync) {
    this.#one = database.prepare(
      "select first_line, last_line, roles, first_ms, last_ms from passage where id = ?",
    );
    this.#count = database.prepare("select count(*) as count from passage where id between ? and ?");
  }

  /** The lines of a passage, unless nothing in it can count. */
  range(id: number, filter: PassageFilter): LineRange | undefined {
    const row = this.#one.get(id);
    if (row === undefined || !mayCount(row, filter)) return undefined;
    return [numberIn(row, "first_line"), numberIn(row, "last_line")];
  }

  /** Of archives that are new or changed. */
  recount(archives: readonly number[]): void {
    for (const id of archives) {
      const count = this.#count.get(passageId(id, 0), passageId(id + 1, 0) - 1);
      this.#counts.set(id, numberIn(count ?? {}, "count"));
    }
  }

  countIn(archives: Int32Array): number {
    return archives.reduce((sum, id) => sum + (this.#counts.get(id) ?? 0), 0);
  }
}

function mayCount(row: Row, { roles, afterMs = -Infinity, beforeMs = Infinity }: PassageFilter): boolean {
  if (roles !== undefined && (numberIn(row, "roles") & maskOf(roles)) === 0) return false;
  // A line that does not say when it was written counts as its session does.
  if (row["first_ms"] === null || row["last_ms"] === null) return true;
  return numberIn(row, "last_ms") >= afterMs && numberIn(row, "first_ms") < beforeMs;
}

function maskOf(roles: readonly TurnRole[]): number {
  return roles.reduce((mask, role) => mask | roleBit(role), 0);
}

/** Ranges of ascending lines with those that touch made one. */
export function joinedRanges(ranges: readonly LineRange[]): LineRange[] {
  const joined: LineRange[] = [];
  for (const [first, last] of ranges) {
    const before = joined.at(-1);
    if (before !== undefined && first <= before[1] + 1)
      joined[joined.length - 1] = [before[0], Math.max(before[1], last)];
    else joined.push([first, last]);
  }
  return joined;
}
