import type { DatabaseSync } from "node:sqlite";
import { LIMITS } from "../../../contract/limits.ts";
import { numberIn, textIn, type Row } from "./columns.ts";
import type { IndexKind } from "./places.ts";

/** A document that cannot be indexed, and why. */
export interface Failure {
  kind: IndexKind;
  workspaceId: string;
  /** The path of a knowledge file ("" for an overview), or the id of a session. */
  name: string;
  reason: string;
}

/** How many documents a database holds, and what it could not take, the first few. */
export interface Report {
  indexed: number;
  failed: number;
  failures: readonly Failure[];
  /** On disk. */
  bytes: number;
}

/** What is said of a database that is not open. */
export const NO_REPORT = { indexed: 0, failed: 0, failures: [] } as const;

const TABLES = {
  knowledge: { table: "file", name: "path", whole: "true" },
  // Not all of it is there yet.
  sessions: { table: "archive", name: "session_id", whole: "sha256 <> ''" },
} as const satisfies Record<IndexKind, object>;

/** Counts what a database of the index holds. */
export function reportOf(database: DatabaseSync, kind: IndexKind): Omit<Report, "bytes"> {
  const { table, name, whole } = TABLES[kind];
  const counts = database
    .prepare(
      `select count(*) filter (where fault is null and ${whole}) as indexed, count(fault) as failed from ${table}`,
    )
    .get();
  const rows = database
    .prepare(
      `select workspace.name as workspace, ${name} as name, fault from ${table} join workspace on workspace.id = workspace
       where fault is not null limit ${LIMITS.index.failures}`,
    )
    .all();
  return {
    indexed: numberIn(counts ?? {}, "indexed"),
    failed: numberIn(counts ?? {}, "failed"),
    failures: rows.map((row) => failureOf(kind, row)),
  };
}

function failureOf(kind: IndexKind, row: Row): Failure {
  return {
    kind,
    workspaceId: textIn(row, "workspace"),
    name: textIn(row, "name"),
    reason: textIn(row, "fault"),
  };
}
