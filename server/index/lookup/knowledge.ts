import type { DatabaseSync, StatementSync } from "node:sqlite";
import { numberIn, textIn } from "../database/columns.ts";
import { Documents, FILES } from "./documents.ts";
import { FileScores } from "./file-scores.ts";
import {
  firstOf,
  ranksOf,
  rowsFor,
  rowsForAll,
  type Finders,
  type NewestRequest,
  type Newest,
} from "./newest.ts";
import { SCORED_ROWS, type Best, type BestRequest } from "./best.ts";
import { RowFinder } from "./rows.ts";
import { unscored } from "./scores.ts";
import { figuresOf, findTerms, rarest, type FoundTerm } from "./terms.ts";

/** A knowledge file or, with the path "", an overview, as the index knows it. */
export interface FoundFile {
  workspaceId: string;
  path: string;
  timeMs: number;
  sizeBytes: number;
}

/** Tells by its path whether a file is wanted. */
type PathTest = (path: string) => boolean;

/** Finds files in the index of the knowledge. Every call is made in one transaction. */
export class KnowledgeLookup {
  readonly #documents: Documents;
  readonly #finders: Finders;
  readonly #scores: FileScores;
  readonly #file: StatementSync;

  constructor(database: DatabaseSync) {
    this.#documents = new Documents(database, FILES);
    this.#finders = { words: new RowFinder(database, "words"), grams: new RowFinder(database, "grams") };
    this.#scores = new FileScores(database);
    this.#file = database.prepare("select path, time_ms, size from file where id = ?");
  }

  /** Files that may hold the lines a search looks for. */
  newest(request: NewestRequest, isWanted: PathTest): Newest<FoundFile> {
    this.refresh();
    const rows = rowsFor(request.query, this.#finders);
    const ranks = ranksOf(rows, this.#documents, { ...request, documentOf: (row) => row });
    const look = (id: number) => this.#found(id, isWanted);
    return {
      ...firstOf(ranks, this.#documents, { take: request.take, look }),
      candidates: ranks.length,
      documents: this.#documents.countIn(request.among),
    };
  }

  /** Files that hold some of the terms. */
  best(request: BestRequest, isWanted: PathTest): Best<FoundFile> {
    const { terms, also, among, take } = request;
    this.refresh();
    const counts = this.#documents.isAmong(among);
    const documents = this.#documents.countIn(among);
    const found = findTerms(terms, this.#finders.words, { all: documents, counts });
    const allowed = rowsForAll(also, this.#finders);
    const allowedIds = allowed && new Set(allowed);
    const mayBe = (id: number) => counts(id) && allowedIds?.has(id) !== false;
    const best = [...this.#best(found, request, { mayBe, isWanted })];
    return {
      found: best.slice(0, take),
      more: best.length > take,
      figures: figuresOf(documents, found),
      candidates: unscored(found.map(({ rows }) => rows)).rows.filter(mayBe).length,
      documents,
    };
  }

  /** Takes in what changed. */
  refresh(): void {
    this.#documents.refresh();
  }

  /** As many as are wanted and, if there is one, one more. */
  *#best(
    found: readonly FoundTerm[],
    { skip, take }: BestRequest,
    { mayBe, isWanted }: { mayBe: (id: number) => boolean; isWanted: PathTest },
  ): Generator<FoundFile> {
    const leading = rarest(found, SCORED_ROWS);
    if (leading.length === 0) return;
    const all = found.filter(({ rows }) => rows.length > 0);
    let place = 0;
    for (const id of this.#scores.bestFirst({ leading, all }, (file) => this.#documents.rankOf(file))) {
      const file = mayBe(id) ? this.#found(id, isWanted) : undefined;
      if (file === undefined) continue;
      if (place >= skip) yield file;
      if (place === skip + take) return;
      place += 1;
    }
  }

  #found(id: number, isWanted: PathTest): FoundFile | undefined {
    const row = this.#file.get(id);
    if (row === undefined) return undefined;
    const path = textIn(row, "path");
    if (!isWanted(path)) return undefined;
    return {
      workspaceId: this.#documents.workspaceOf(id),
      path,
      timeMs: numberIn(row, "time_ms"),
      sizeBytes: numberIn(row, "size"),
    };
  }
}
