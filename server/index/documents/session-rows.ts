import type { DatabaseSync, StatementSync } from "node:sqlite";
import { bytesIn, numberIn, textIn, textOrNothing } from "../database/columns.ts";
import type { CommonRows } from "../database/common-rows.ts";
import type { HeldArchive, SessionName } from "../messages.ts";
import type { Passage } from "./passages.ts";
import { passageId } from "../database/schema.ts";

/** What the index stores of an archive besides its passages. */
export interface ArchiveFacts {
  place: string;
  /** "" while not all of it is there. */
  sha256: string;
  lines: number;
  startedMs: number;
  endedMs: number;
  checks: readonly number[];
  /** Why its passages are not there. */
  fault: string | undefined;
}

/** A row of `archive`. */
export interface ArchiveRow extends Pick<ArchiveFacts, "place" | "sha256" | "lines" | "checks" | "fault"> {
  id: number;
}

const CHECK_BYTES = 4;

/** The tables `archive` and `passage` of the session index, for its writer. */
export class SessionRows {
  readonly #common: CommonRows;
  readonly #get: StatementSync;
  readonly #all: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #delete: StatementSync;
  readonly #addPassage: StatementSync;
  readonly #passagesAfter: StatementSync;
  readonly #lastPassage: StatementSync;
  readonly #deletePassage: StatementSync;

  constructor(database: DatabaseSync, common: CommonRows) {
    this.#common = common;
    this.#get = database.prepare(
      "select id, place, sha256, lines, checks, fault from archive where workspace = ? and session_id = ?",
    );
    this.#all = database.prepare(
      `select archive.id as id, name, session_id, sha256, lines, fault
       from archive join workspace on workspace.id = workspace where sha256 <> ''`,
    );
    this.#insert = database.prepare(
      `insert into archive (workspace, session_id, place, sha256, lines, started_ms, ended_ms, checks, fault, change)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#update = database.prepare(
      `update archive set place = ?, sha256 = ?, lines = ?, started_ms = ?, ended_ms = ?, checks = ?, fault = ?, change = ?
       where id = ?`,
    );
    this.#delete = database.prepare("delete from archive where id = ?");
    this.#addPassage = database.prepare(
      "insert into passage (id, first_line, last_line, roles, first_ms, last_ms) values (?, ?, ?, ?, ?, ?)",
    );
    this.#passagesAfter = database.prepare(
      "select id from passage where id between ? and ? and first_line > ? order by id",
    );
    this.#lastPassage = database.prepare("select max(id) as id from passage where id between ? and ?");
    this.#deletePassage = database.prepare("delete from passage where id = ?");
  }

  get({ workspaceId, sessionId }: SessionName): ArchiveRow | undefined {
    const row = this.#get.get(this.#common.find(workspaceId), sessionId);
    if (row === undefined) return undefined;
    return {
      id: numberIn(row, "id"),
      place: textIn(row, "place"),
      sha256: textIn(row, "sha256"),
      lines: numberIn(row, "lines"),
      checks: decodeChecks(bytesIn(row, "checks")),
      fault: textOrNothing(row, "fault"),
    };
  }

  /** All but those of which only a part is indexed. */
  all(): HeldArchive[] {
    return this.#all.all().map((row) => ({
      workspaceId: textIn(row, "name"),
      sessionId: textIn(row, "session_id"),
      id: numberIn(row, "id"),
      sha256: textIn(row, "sha256"),
      lines: numberIn(row, "lines"),
      fault: textOrNothing(row, "fault"),
    }));
  }

  /** Writes the row of an archive, over the one that is known, and gives its id. */
  put({ workspaceId, sessionId }: SessionName, known: ArchiveRow | undefined, facts: ArchiveFacts): number {
    const { place, sha256, lines, startedMs, endedMs, checks, fault = null } = facts;
    const values = [place, sha256, lines, startedMs, endedMs, encodeChecks(checks), fault] as const;
    const change = this.#common.nextChange();
    if (known === undefined) {
      const workspace = this.#common.workspace(workspaceId);
      return Number(this.#insert.run(workspace, sessionId, ...values, change).lastInsertRowid);
    }
    this.#update.run(...values, change, known.id);
    return known.id;
  }

  delete(id: number): void {
    this.#delete.run(id);
  }

  /** Adds a passage behind the archive's last one, and gives its id. */
  addPassage(archiveId: number, { firstLine, lastLine, roles, times }: Passage): number {
    const last = this.#lastPassage.get(...idsOf(archiveId))?.["id"];
    const id = typeof last === "number" ? last + 1 : passageId(archiveId, 0);
    this.#addPassage.run(id, firstLine, lastLine, roles, times?.firstMs ?? null, times?.lastMs ?? null);
    return id;
  }

  /** Deletes the passages that begin behind this line, and gives their ids. */
  deletePassages(archiveId: number, afterLine: number): number[] {
    const ids = this.#passagesAfter.all(...idsOf(archiveId), afterLine).map((row) => numberIn(row, "id"));
    for (const id of ids) this.#deletePassage.run(id);
    return ids;
  }
}

/** The ids that an archive's passages may have, from and to. */
function idsOf(archiveId: number): [number, number] {
  return [passageId(archiveId, 0), passageId(archiveId + 1, 0) - 1];
}

function encodeChecks(checks: readonly number[]): Buffer {
  const bytes = Buffer.alloc(checks.length * CHECK_BYTES);
  for (const [index, check] of checks.entries()) bytes.writeUInt32LE(check, index * CHECK_BYTES);
  return bytes;
}

function decodeChecks(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / CHECK_BYTES }, (_, index) =>
    bytes.readUInt32LE(index * CHECK_BYTES),
  );
}
