/**
 * The derived search index: two SQLite databases under `_meta/index`. They hold nothing that the files do not hold, so
 * another version is never migrated: it is deleted and built anew.
 */
export const INDEX_VERSION = 1;

/**
 * `file.path` is "" for the overview. `stamp` tells a file from what it was before somebody wrote or replaced it.
 * `fault` says why a file is not in `words` and `grams`. `change` grows with every change of a row, so that a reader can
 * ask for what is new. `workspace.ready`: everything that lies in its folder has been looked at.
 */
export const KNOWLEDGE_SCHEMA = `
create table workspace (id integer primary key, name text not null unique, ready integer not null default 0) strict;
create table file (
  id integer primary key,
  workspace integer not null,
  path text not null,
  stamp text not null,
  time_ms integer not null,
  size integer not null,
  fault text,
  change integer not null unique,
  unique (workspace, path)
) strict;
create virtual table words using fts5(
  path, headings, body, content='', contentless_delete=1, tokenize="ascii tokenchars '+#_'"
);
create virtual table grams using fts5(text, content='', contentless_delete=1, detail=none, tokenize='trigram');
`;

/**
 * One archive per session (its newest revision), by the id of the session. `checks` are the CRC-32s from the chunk table,
 * 4 bytes each, by which an archive that grew is known. A passage is some consecutive lines of one chunk; its id is made
 * of the archive's and its number, and is the rowid in `words` and `grams`. `roles` has bit n for `TURN_ROLES[n]`;
 * `first_ms` and `last_ms` span the times its lines say, and are null when none does.
 */
export const SESSIONS_SCHEMA = `
create table workspace (id integer primary key, name text not null unique) strict;
create table archive (
  id integer primary key,
  workspace integer not null,
  session_id text not null,
  sha256 text not null,
  lines integer not null,
  started_ms integer not null,
  ended_ms integer not null,
  checks blob not null,
  fault text,
  change integer not null unique,
  unique (workspace, session_id)
) strict;
create table passage (
  id integer primary key,
  first_line integer not null,
  last_line integer not null,
  roles integer not null,
  first_ms integer,
  last_ms integer
) strict;
create virtual table words using fts5(
  text, content='', contentless_delete=1, detail=none, tokenize="ascii tokenchars '+#_'"
);
create virtual table grams using fts5(text, content='', contentless_delete=1, detail=none, tokenize='trigram');
`;

/** Passages an archive may have, so that a passage's id tells its archive. */
const PASSAGES = 2 ** 20;

export function passageId(archiveId: number, number: number): number {
  return archiveId * PASSAGES + number;
}

export function archiveOf(passage: number): number {
  return Math.floor(passage / PASSAGES);
}

/** Goes before a term that a user said; terms hold no `_`, so nothing else looks like it. */
export const USER_MARK = "u_";
