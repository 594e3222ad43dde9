import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Writes the tables `words` (with these columns) and `grams` of an index database, row by row. */
export class TextTables {
  readonly #removals: readonly StatementSync[];
  readonly #words: StatementSync;
  readonly #grams: StatementSync;

  constructor(database: DatabaseSync, columns: readonly string[]) {
    this.#removals = ["words", "grams"].map((table) =>
      database.prepare(`delete from ${table} where rowid = ?`),
    );
    const marks = columns.map(() => "?").join(", ");
    this.#words = database.prepare(`insert into words (rowid, ${columns.join(", ")}) values (?, ${marks})`);
    this.#grams = database.prepare("insert into grams (rowid, text) values (?, ?)");
  }

  /** The row must not be there. */
  add(id: number, words: readonly string[], grams: string): void {
    this.#words.run(id, ...words);
    this.#grams.run(id, grams);
  }

  remove(id: number): void {
    for (const removal of this.#removals) removal.run(id);
  }
}
