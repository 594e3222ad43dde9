import type { DatabaseSync, StatementSync } from "node:sqlite";
import { numberIn, textIn, textOrNothing } from "../database/columns.ts";
import type { CommonRows } from "../database/common-rows.ts";
import type { FileName } from "../messages.ts";

/** What the index stores of a file besides its text. */
export interface FileFacts {
  stamp: string;
  timeMs: number;
  size: number;
  crc: number;
  /** Why its text is not there. */
  fault: string | undefined;
}

/** A row of `file` as its writer needs it. */
export interface FileRow extends Omit<FileFacts, "timeMs"> {
  id: number;
}

/** The tables `file` and `workspace` of the knowledge index, for its writer. */
export class KnowledgeRows {
  readonly #common: CommonRows;
  readonly #get: StatementSync;
  readonly #stamps: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #delete: StatementSync;
  readonly #setReady: StatementSync;
  readonly #ready: StatementSync;
  readonly #failed: StatementSync;

  constructor(database: DatabaseSync, common: CommonRows) {
    this.#common = common;
    this.#get = database.prepare(
      "select id, stamp, size, crc, fault from file where workspace = ? and path = ?",
    );
    this.#stamps = database.prepare("select path, stamp from file where workspace = ?");
    this.#insert = database.prepare(
      "insert into file (workspace, path, stamp, time_ms, size, crc, fault, change) values (?, ?, ?, ?, ?, ?, ?, ?)",
    );
    this.#update = database.prepare(
      "update file set stamp = ?, time_ms = ?, size = ?, crc = ?, fault = ?, change = ? where id = ?",
    );
    this.#delete = database.prepare("delete from file where id = ?");
    this.#setReady = database.prepare("update workspace set ready = ? where id = ?");
    this.#ready = database.prepare("select name from workspace where ready = 1");
    this.#failed = database.prepare(
      "select name, path from file join workspace on workspace.id = workspace where fault is not null",
    );
  }

  get({ workspaceId, path }: FileName): FileRow | undefined {
    const row = this.#get.get(this.#common.find(workspaceId), path);
    if (row === undefined) return undefined;
    return {
      id: numberIn(row, "id"),
      stamp: textIn(row, "stamp"),
      size: numberIn(row, "size"),
      crc: numberIn(row, "crc"),
      fault: textOrNothing(row, "fault"),
    };
  }

  /** By path, for all files of a workspace. */
  stamps(workspaceId: string): Map<string, string> {
    const rows = this.#stamps.all(this.#common.find(workspaceId));
    return new Map(rows.map((row) => [textIn(row, "path"), textIn(row, "stamp")]));
  }

  /** Writes the row of a file, over the one that is known, and gives its id. */
  put({ workspaceId, path }: FileName, known: FileRow | undefined, facts: FileFacts): number {
    const { stamp, timeMs, size, crc, fault = null } = facts;
    const values = [stamp, timeMs, size, crc, fault, this.#common.nextChange()] as const;
    if (known === undefined)
      return Number(this.#insert.run(this.#common.workspace(workspaceId), path, ...values).lastInsertRowid);
    this.#update.run(...values, known.id);
    return known.id;
  }

  delete(id: number): void {
    this.#delete.run(id);
  }

  /** Whether everything in a workspace's folder has been looked at and is indexed. */
  setReady(workspaceId: string, { isReady }: { isReady: boolean }): void {
    this.#setReady.run(isReady ? 1 : 0, this.#common.workspace(workspaceId));
  }

  ready(): string[] {
    return this.#ready.all().map((row) => textIn(row, "name"));
  }

  failed(): FileName[] {
    return this.#failed.all().map((row) => ({ workspaceId: textIn(row, "name"), path: textIn(row, "path") }));
  }
}
