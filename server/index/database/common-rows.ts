import type { DatabaseSync, StatementSync } from "node:sqlite";
import { numberIn, textIn } from "./columns.ts";

const NO_WORKSPACE = -1;

/**
 * What both index databases have: workspaces by name, and a number for every change. Writers of an index use no statement
 * that SQLite gives a journal of its own, such as one with `returning`: FTS5 would write out what it gathers each time.
 */
export class CommonRows {
  /** Names this database among all that are made anew. */
  readonly generation: string;
  readonly #database: DatabaseSync;
  readonly #workspaces: Map<string, number>;
  readonly #setChange: StatementSync;
  #lastChange: number;

  constructor(database: DatabaseSync) {
    this.#database = database;
    const about = database.prepare("select generation, change from about where id = 1").get() ?? {};
    this.generation = textIn(about, "generation");
    this.#lastChange = numberIn(about, "change");
    this.#setChange = database.prepare("update about set change = ? where id = 1");
    const rows = database.prepare("select id, name from workspace").all();
    this.#workspaces = new Map(rows.map((row) => [textIn(row, "name"), numberIn(row, "id")]));
  }

  /** Names of the workspaces that have an id. */
  get workspaces(): string[] {
    return [...this.#workspaces.keys()];
  }

  /** The id of a workspace; no row has the one of a workspace that has none. */
  find(name: string): number {
    return this.#workspaces.get(name) ?? NO_WORKSPACE;
  }

  /** The id of a workspace, which gets one when it has none. */
  workspace(name: string): number {
    const known = this.#workspaces.get(name);
    if (known !== undefined) return known;
    const insert = this.#database.prepare("insert into workspace (name) values (?)");
    const id = Number(insert.run(name).lastInsertRowid);
    this.#workspaces.set(name, id);
    return id;
  }

  /** What belongs to it has to go first. */
  removeWorkspace(name: string): void {
    this.#database.prepare("delete from workspace where name = ?").run(name);
    this.#workspaces.delete(name);
  }

  /** The number of a change that is about to be made. */
  nextChange(): number {
    this.#lastChange += 1;
    this.#setChange.run(this.#lastChange);
    return this.#lastChange;
  }
}
