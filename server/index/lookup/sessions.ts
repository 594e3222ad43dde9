import type { DatabaseSync } from "node:sqlite";
import { LIMITS } from "../../../contract/limits.ts";
import { ARCHIVES, Documents } from "./documents.ts";
import {
  firstOf,
  ranksOf,
  rowsFor,
  rowsForAll,
  type Finders,
  type NewestRequest,
  type Newest,
} from "./newest.ts";
import { firstIndex } from "./first-index.ts";
import { joinedRanges, Passages, type LineRange, type PassageFilter } from "./passages.ts";
import type { Best, BestRequest } from "./best.ts";
import { RowFinder, type RowIds } from "./rows.ts";
import { scoredRows } from "./scored-rows.ts";
import { bestFirst, type ScoredRows } from "./scores.ts";
import { figuresOf, findTerms } from "./terms.ts";
import { archiveOf, passageId, USER_MARK } from "../database/schema.ts";

/** An archive, by its id in the index, with the lines in which something may be found. */
export interface FoundArchive {
  id: number;
  ranges: LineRange[];
}

/** A word that a user said counts once more, this part of its worth. */
const USER_BOOST = 0.8;
const SHARES = { plain: 1, marks: [{ mark: USER_MARK, adds: USER_BOOST }] };
/** Passages that any archive may have among the best. */
const FEW_PASSAGES = 8;

/** Finds passages in the index of the sessions. Every call is made in one transaction. */
export class SessionLookup {
  readonly #documents: Documents;
  readonly #finders: Finders;
  readonly #passages: Passages;

  constructor(database: DatabaseSync) {
    this.#documents = new Documents(database, ARCHIVES);
    this.#finders = { words: new RowFinder(database, "words"), grams: new RowFinder(database, "grams") };
    this.#passages = new Passages(database);
  }

  /** Archives that may hold the lines a search looks for. */
  newest(request: NewestRequest, filter: PassageFilter): Newest<FoundArchive> {
    this.refresh();
    const isAmong = this.#documents.isAmong(request.among);
    const rows = rowsFor(request.query, this.#finders, (row) => isAmong(archiveOf(row)));
    const ranks = ranksOf(rows, this.#documents, { ...request, documentOf: archiveOf });
    const look = (id: number) => this.#found(id, rowsOf(id, rows), filter);
    return {
      ...firstOf(ranks, this.#documents, { take: request.take, look }),
      candidates: ranks.length,
      documents: this.#documents.countIn(request.among),
    };
  }

  /** Archives with the passages that fit best: `skip` and `take` count passages. No archive comes twice. */
  best(request: BestRequest, filter: PassageFilter): Best<FoundArchive> {
    const { terms, also, among } = request;
    this.refresh();
    const isAmong = this.#documents.isAmong(among);
    const counts = (row: number) => isAmong(archiveOf(row));
    const passages = this.#passages.countIn(this.#documents.idsIn(among));
    const found = findTerms(terms, this.#finders.words, { all: passages, counts });
    const allowed = rowsForAll(also, this.#finders, counts);
    const scored = scoredRows(found, this.#finders.words, { allowed, shares: SHARES });
    const candidates = new Set(Array.from(scored.rows, archiveOf)).size;
    return {
      ...this.#best(this.#spread(scored, { candidates, filter }), request),
      figures: figuresOf(passages, found),
      candidates,
      documents: this.#documents.countIn(among),
    };
  }

  /** Takes in what changed. */
  refresh(): void {
    this.#passages.recount(this.#documents.refresh());
  }

  /** Passages best first, of no archive so many that others have no room. */
  *#spread(
    scored: ScoredRows,
    { candidates, filter }: { candidates: number; filter: PassageFilter },
  ): Generator<FoundPassage> {
    const most = Math.max(FEW_PASSAGES, Math.ceil(LIMITS.search.bestCandidates / Math.max(1, candidates)));
    const taken = new Map<number, number>();
    for (const row of bestFirst(scored, (each) => this.#documents.rankOf(archiveOf(each)))) {
      const id = archiveOf(row);
      const before = taken.get(id) ?? 0;
      const range = before < most ? this.#passages.range(row, filter) : undefined;
      if (range === undefined) continue;
      taken.set(id, before + 1);
      yield { id, range };
    }
  }

  #best(
    passages: Iterable<FoundPassage>,
    { skip, take }: BestRequest,
  ): { found: FoundArchive[]; more: boolean } {
    const before = new Set<number>();
    const best = new Map<number, LineRange[]>();
    let place = 0;
    for (const { id, range } of passages) {
      if (place === skip + take) return { found: archivesOf(best), more: true };
      if (place < skip) before.add(id);
      else if (!before.has(id)) best.set(id, [...(best.get(id) ?? []), range]);
      place += 1;
    }
    return { found: archivesOf(best), more: false };
  }

  #found(id: number, rows: RowIds, filter: PassageFilter): FoundArchive | undefined {
    const ranges = Array.from(rows).flatMap((passage) => {
      const range = this.#passages.range(passage, filter);
      return range === undefined ? [] : [range];
    });
    return ranges.length === 0 ? undefined : { id, ranges: joinedRanges(ranges) };
  }
}

interface FoundPassage {
  /** Of its archive. */
  id: number;
  range: LineRange;
}

function archivesOf(best: ReadonlyMap<number, LineRange[]>): FoundArchive[] {
  return [...best].map(([id, ranges]) => ({ id, ranges: joinedRanges(ranges.sort(([a], [b]) => a - b)) }));
}

/** Those of the rows that are an archive's passages. */
function rowsOf(id: number, rows: RowIds): RowIds {
  return rows.subarray(placeIn(rows, passageId(id, 0)), placeIn(rows, passageId(id + 1, 0)));
}

/** The index of the first row that is not smaller. */
function placeIn(rows: RowIds, row: number): number {
  return firstIndex(rows.length, (index) => (rows[index] ?? 0) < row);
}
