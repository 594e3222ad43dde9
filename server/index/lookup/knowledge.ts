import type { DatabaseSync, StatementSync } from "node:sqlite";
import { numberIn, textIn } from "../database/columns.ts";
import { Documents, FILES } from "./documents.ts";
import {
  firstOf,
  ranksOf,
  rowsFor,
  rowsForAll,
  type Finders,
  type NewestRequest,
  type Newest,
} from "./newest.ts";
import { LEVEL_SHARES } from "../text/levels.ts";
import type { Best, BestRequest } from "./best.ts";
import { inAny, inBoth, RowFinder } from "./rows.ts";
import { scoredRows } from "./scored-rows.ts";
import { bestFirst } from "./scores.ts";
import { figuresOf, findTerms } from "./terms.ts";

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
  readonly #file: StatementSync;

  constructor(database: DatabaseSync) {
    this.#documents = new Documents(database, FILES);
    this.#finders = { words: new RowFinder(database, "words"), grams: new RowFinder(database, "grams") };
    this.#file = database.prepare("select path, time_ms, size from file where id = ?");
  }

  /** Files that may hold the lines a search looks for, no more once `isEnough` says so of one. */
  newest(
    request: NewestRequest,
    isWanted: PathTest,
    isEnough?: (file: FoundFile) => boolean,
  ): Newest<FoundFile> {
    this.refresh();
    const rows = rowsFor(request.query, this.#finders, this.#documents.isAmong(request.among));
    const ranks = ranksOf(rows, this.#documents, { ...request, documentOf: (row) => row });
    const look = (id: number) => this.#found(id, isWanted);
    return {
      ...firstOf(ranks, this.#documents, { take: request.take, look, isEnough }),
      candidates: ranks.length,
      documents: this.#documents.countIn(request.among),
    };
  }

  /** Files that hold some of the terms. */
  best(request: BestRequest, isWanted: PathTest): Best<FoundFile> {
    const { terms, also, among, skip, take } = request;
    this.refresh();
    const counts = this.#documents.isAmong(among);
    const documents = this.#documents.countIn(among);
    const found = findTerms(terms, this.#finders.words, { all: documents, counts });
    const allowed = rowsForAll(also, this.#finders, counts);
    const scored = scoredRows(found, this.#finders.words, { allowed, shares: LEVEL_SHARES });
    const best = this.#wanted(
      bestFirst(scored, (id) => this.#documents.rankOf(id)),
      isWanted,
    );
    const upToNext = [...best.take(skip + take + 1)];
    const rows = inAny(found.map((term) => term.rows));
    return {
      found: upToNext.slice(skip, skip + take),
      more: upToNext.length > skip + take,
      figures: figuresOf(documents, found),
      candidates: (allowed === undefined ? rows : inBoth(rows, allowed)).length,
      documents,
    };
  }

  /** Takes in what changed. */
  refresh(): void {
    this.#documents.refresh();
  }

  *#wanted(ids: Iterable<number>, isWanted: PathTest): Generator<FoundFile> {
    for (const id of ids) {
      const file = this.#found(id, isWanted);
      if (file !== undefined) yield file;
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
