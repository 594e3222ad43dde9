import type { DatabaseSync } from "node:sqlite";
import { LIMITS } from "../../../contract/limits.ts";
import type { CommonRows } from "./common-rows.ts";
import { isDamaged, openForWriting, removeDatabase } from "./open-database.ts";
import { statsOf } from "./folder.ts";
import { indexFile, type IndexKind } from "./places.ts";
import { NO_REPORT, reportOf, type Report } from "./report.ts";
import { tidied } from "./tidying.ts";

interface DatabaseParts<Writer> {
  root: string;
  kind: IndexKind;
  schema: string;
  writer: (database: DatabaseSync) => Writer;
}

interface Open<Writer> {
  database: DatabaseSync;
  writer: Writer;
  /** The file that is open. */
  inode: number | undefined;
  isInTransaction: boolean;
  /** Documents written since the tables were tidied up. */
  written: number;
  tidying: Generator<void, void> | undefined;
}

/** A database of the index for its only writer, through all that can happen to it. Closed until `open`. */
export class IndexDatabase<Writer extends { common: CommonRows }> implements Disposable {
  readonly kind: IndexKind;
  readonly #parts: DatabaseParts<Writer>;
  readonly #path: string;
  #open: Open<Writer> | undefined;
  #generation: string | undefined;
  #isBad = false;

  constructor(parts: DatabaseParts<Writer>) {
    this.kind = parts.kind;
    this.#parts = parts;
    this.#path = indexFile(parts.root, parts.kind);
  }

  /** Opens it, unless it is open. True when it is another one than before. Throws what SQLite and the disk say. */
  open(): boolean {
    if (this.#open !== undefined && this.#open.inode !== statsOf(this.#path)?.ino) this.close();
    if (this.#open !== undefined) return false;
    if (this.#isBad) removeDatabase(this.#path);
    this.#isBad = false;
    const database = openForWriting(this.#path, this.#parts);
    const writer = this.#parts.writer(database);
    const inode = statsOf(this.#path)?.ino;
    this.#open = { database, writer, inode, isInTransaction: false, written: 0, tidying: undefined };
    const { generation } = writer.common;
    const isAnother = this.#generation !== generation;
    this.#generation = generation;
    return isAnother;
  }

  /** Undefined while it is closed. */
  get writer(): Writer | undefined {
    return this.#open?.writer;
  }

  /** The writer in a transaction, which begins if there is none. Throws while it is closed. */
  write(): Writer {
    const open = this.#opened();
    if (!open.isInTransaction) open.database.exec("begin immediate");
    open.isInTransaction = true;
    return open.writer;
  }

  /** `documents` were written in this transaction. */
  commit(documents = 0): void {
    if (this.#open?.isInTransaction !== true) return;
    this.#open.database.exec("commit");
    this.#open.isInTransaction = false;
    this.#open.written += documents;
  }

  /** When there is nothing else to do: one step of what makes searches faster and the files smaller. False when all is done. */
  tidy(): boolean {
    const open = this.#opened();
    if (open.tidying === undefined && this.#isUntidy(open)) open.tidying = tidied(open.database);
    if (open.tidying?.next().done === false) return true;
    if (open.tidying !== undefined) open.written = 0;
    open.tidying = undefined;
    if (sizeOf(`${this.#path}-wal`) > LIMITS.index.idleLogBytes)
      open.database.exec("pragma wal_checkpoint(truncate)");
    return false;
  }

  report(): Report {
    const bytes = sizeOf(this.#path) + sizeOf(`${this.#path}-wal`);
    const report = this.#open === undefined ? NO_REPORT : reportOf(this.#open.database, this.kind);
    return { ...report, bytes };
  }

  /** Closes it; what is not committed is void. It begins anew, empty, when the error says that it is damaged. */
  fail(error: unknown): void {
    this.#isBad ||= isDamaged(error);
    this.close();
  }

  /** Closes it, and it begins anew, empty, when it is opened. */
  discard(): void {
    this.#isBad = true;
    this.close();
  }

  close(): void {
    this.#open?.database.close();
    this.#open = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** All of it is written anew, so it must be worth it. */
  #isUntidy({ written, database }: Open<Writer>): boolean {
    const { tidyDocuments, tidyShare } = LIMITS.index;
    return written >= tidyDocuments && written >= reportOf(database, this.kind).indexed * tidyShare;
  }

  #opened(): Open<Writer> {
    if (this.#open === undefined) throw new Error(`the index of ${this.kind} is not open`);
    return this.#open;
  }
}

function sizeOf(path: string): number {
  return statsOf(path)?.size ?? 0;
}
