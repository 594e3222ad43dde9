import { randomBytes } from "node:crypto";
import { chmodSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { LIMITS } from "../../../contract/limits.ts";
import { statsOf } from "./folder.ts";
import type { IndexKind } from "./places.ts";
import { INDEX_VERSIONS } from "./schema.ts";

/** Result codes that say that the file is not what SQLite wrote. Source: sqlite.org/rescode.html */
const CORRUPT = 11;
const NOT_A_DATABASE = 26;
/** The primary code is the low byte of an extended one. */
const PRIMARY = 0xff;
const KIB = 1024;

/** What a database is made of. */
interface Tables {
  kind: IndexKind;
  schema: string;
}

/**
 * Opens one of the index databases for its only writer. One that is missing, damaged or of another version is deleted
 * and made anew, empty; so is what is no file: what a link leads to stays as it is. Throws what SQLite throws, a full disk included.
 */
export function openForWriting(path: string, tables: Tables): DatabaseSync {
  if (filesOf(path).some((file) => statsOf(file)?.isFile() === false)) removeDatabase(path);
  try {
    const database = configured(path);
    if (isOfOurVersion(database, tables.kind)) return database;
    database.close();
  } catch (error) {
    if (!isDamaged(error)) throw error;
  }
  removeDatabase(path);
  return created(path, tables);
}

/** Removes a database with what SQLite keeps beside it. */
export function removeDatabase(path: string): void {
  for (const file of filesOf(path)) rmSync(file, { force: true, recursive: true });
}

/** The log goes first: without its database it means nothing, beside another one it would be damage. */
function filesOf(path: string): string[] {
  return ["-wal", "-shm", "-journal", ""].map((suffix) => `${path}${suffix}`);
}

/** True for SQLite's complaints about a file that is no sound database. */
export function isDamaged(error: unknown): boolean {
  return [CORRUPT, NOT_A_DATABASE].includes(primaryCode(error) ?? 0);
}

/** True for whatever SQLite complains about. */
export function isSqlite(error: unknown): boolean {
  return primaryCode(error) !== undefined;
}

function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number")
    return undefined;
  return error.errcode & PRIMARY;
}

function configured(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: LIMITS.index.busyMs });
  try {
    chmodSync(path, 0o600);
    database.exec(`
      pragma journal_mode = wal;
      pragma synchronous = normal;
      pragma cache_size = -${LIMITS.index.cacheBytes / KIB};
      pragma journal_size_limit = ${LIMITS.index.logBytes};
    `);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Whether the tables are those that this program makes. */
export function isOfOurVersion(database: DatabaseSync, kind: IndexKind): boolean {
  return database.prepare("pragma user_version").get()?.["user_version"] === INDEX_VERSIONS[kind];
}

/** Complete or not there: the version is set with the tables. */
function created(path: string, { kind, schema }: Tables): DatabaseSync {
  const database = configured(path);
  try {
    database.exec(`begin immediate; ${schema} pragma user_version = ${INDEX_VERSIONS[kind]};`);
    database
      .prepare("insert into about (id, generation, change) values (1, ?, 0)")
      .run(randomBytes(8).toString("hex"));
    database.exec("commit");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
