import type { TurnRole } from "../../../contract/search.ts";
import { TURN_ROLES } from "../../../contract/turn-roles.ts";
import type { IndexKind } from "./places.ts";

/**
 * The derived search index: two SQLite databases under `_meta/index`. They hold nothing that the files do not hold, so
 * another version is never migrated: it is deleted and built anew. Since 3 the knowledge's holds memories too, whose paths an
 * older server would not understand.
 */
export const INDEX_VERSIONS = { knowledge: 3, sessions: 2 } as const satisfies Record<IndexKind, number>;

/**
 * What is printable, but for letters and digits: characters of a gram, where line feeds divide. Quoted as an option of a
 * tokenizer inside of an SQL text.
 */
const GRAM_SIGNS = " !\"\"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~";

/** Terms, each once: as they are and, where there is more to say of them, with a mark before them. */
const WORDS = `
create virtual table words using fts5(
  text, content='', contentless_delete=1, detail=none, tokenize="ascii tokenchars '+#_'"
);
`;

/** One gram per line. */
const GRAMS = `
create virtual table grams using fts5(
  text, content='', contentless_delete=1, detail=none, tokenize="ascii tokenchars '${GRAM_SIGNS}'"
);
`;

/**
 * One row. `generation` names this database: ids mean nothing in another one. `change` is the number of the last change
 * of a row, so that a reader can ask for what is new.
 */
const ABOUT = `
create table about (id integer primary key, generation text not null, change integer not null) strict;
`;

/**
 * `file.path` is a document path, or "" for the overview. `stamp` tells a file from what it was before somebody wrote or replaced it, `crc`
 * the CRC-32 of its bytes whether it says something else since. `fault` says why a file is not in `words` and `grams`.
 * `workspace.ready`: everything that lies in its folder has been looked at.
 */
export const KNOWLEDGE_SCHEMA = `
${ABOUT}
create table workspace (id integer primary key, name text not null unique, ready integer not null default 0) strict;
create table file (
  id integer primary key autoincrement,
  workspace integer not null,
  path text not null,
  stamp text not null,
  time_ms integer not null,
  size integer not null,
  crc integer not null,
  fault text,
  change integer not null unique,
  unique (workspace, path)
) strict;
${WORDS}
${GRAMS}
`;

/**
 * One archive per session (its newest revision), by the id of the session. `sha256` is "" until all of it is indexed.
 * `place` is the file below `sessions/`, `lines` how many of its lines are indexed. `checks` are the CRC-32s of all raw
 * bytes up to the end of each whole chunk, 4 bytes each, by which an archive that grew is known. A passage is some
 * consecutive lines of one chunk; its id is made of the archive's and its number, and is the rowid in `words` and `grams`.
 * `roles` has bit n for `TURN_ROLES[n]`; `first_ms` and `last_ms` span the times its lines say, and are null when one of
 * them says none.
 */
export const SESSIONS_SCHEMA = `
${ABOUT}
create table workspace (id integer primary key, name text not null unique) strict;
create table archive (
  id integer primary key autoincrement,
  workspace integer not null,
  session_id text not null,
  place text not null,
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
${WORDS}
${GRAMS}
`;

/** Passages an archive may have, so that a passage's id tells its archive. Ids are never used again. */
const PASSAGES = 2 ** 20;

/** The id of an archive's passage, which are numbered from 0. */
export function passageId(archiveId: number, number: number): number {
  return archiveId * PASSAGES + number;
}

/** The id of the archive that a passage belongs to. */
export function archiveOf(passage: number): number {
  return Math.floor(passage / PASSAGES);
}

/** The bit of a role in `passage.roles`. */
export function roleBit(role: TurnRole): number {
  return 1 << TURN_ROLES.indexOf(role);
}

/** Goes before a term that a user said; terms hold no `_`, so nothing else looks like it. */
export const USER_MARK = "u_";
