import { DatabaseSync } from "node:sqlite";
import { indexFile, type IndexKind } from "../../server/index/database/places.ts";

/** What a row of the full-text tables belongs to, by a name that another index of the same files has too. */
const NAMES = {
  knowledge: "select id, path as name from file where fault is null",
  sessions: `select passage.id as id, session_id || ' ' || first_line || '-' || last_line || ' ' || roles as name
             from passage join archive on archive.id = passage.id >> 20 where fault is null`,
} as const satisfies Record<IndexKind, string>;

/** Everything that a database of the index says about documents, in an order of its own. Two indexes of the same files give the same. */
export function indexContents(root: string, kind: IndexKind): string[] {
  using database = new DatabaseSync(indexFile(root, kind));
  return ["words", "grams"].flatMap((table) => {
    database.exec(`create virtual table temp.${table}_said using fts5vocab(main, ${table}, instance)`);
    const rows = database
      .prepare(
        `select name, group_concat(term || coalesce(col, '') || coalesce(offset, ''), char(10)) as said
         from (select * from ${table}_said order by doc, term, col, offset) join (${NAMES[kind]}) on id = doc
         group by name order by name`,
      )
      .all();
    return rows.map(({ name, said }) => `${table} of ${String(name)}: ${String(said)}`);
  });
}
