import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Writes the tables `words` and `grams` of an index database, row by row. */
export class TextTables {
  readonly #removals: readonly StatementSync[];
  readonly #words: StatementSync;
  readonly #grams: StatementSync;

  constructor(database: DatabaseSync) {
    this.#removals = ["words", "grams"].map((table) =>
      database.prepare(`delete from ${table} where rowid = ?`),
    );
    this.#words = database.prepare("insert into words (rowid, text) values (?, ?)");
    this.#grams = database.prepare("insert into grams (rowid, text) values (?, ?)");
  }

  /** The row must not be there. */
  add(id: number, { terms, grams }: { terms: string; grams: string }): void {
    this.#words.run(id, terms);
    this.#grams.run(id, grams);
  }

  remove(id: number): void {
    for (const removal of this.#removals) removal.run(id);
  }
}
