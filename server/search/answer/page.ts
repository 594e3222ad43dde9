import type { SearchExplain } from "../../../contract/search.ts";
import { Fitting } from "../../storage/fitting.ts";

/** Hits of one answer. */
export class Page<Hit> {
  readonly #fitting: Fitting<Hit>;

  /** `bytes` is the room for the hits; default as much as an answer has. */
  constructor(limit: number, bytes?: number) {
    this.#fitting = new Fitting(limit, bytes);
  }

  get hits(): readonly Hit[] {
    return this.#fitting.entries;
  }

  /** False when the page is full: the hit is for the next one. */
  add(hit: Hit): boolean {
    return this.#fitting.add(hit);
  }

  /** Adds hits until it is full; true when some are left over. */
  addAll(hits: Iterable<Hit>): boolean {
    for (const hit of hits) if (!this.add(hit)) return true;
    return false;
  }

  /** The answer with these hits; partial when something had to be left out for want of time or because of damage. */
  answer({ cursor, missing, advice = [], explain }: Rest): Answer<Hit> {
    const note = [...missing, ...advice].join(" ");
    return {
      hits: [...this.hits],
      ...(cursor !== undefined && { next_cursor: cursor }),
      partial: missing.length > 0,
      ...(note !== "" && { note }),
      ...(explain !== undefined && { explain }),
    };
  }
}

/** What goes around the hits. Missing and advice are whole sentences. */
interface Rest {
  cursor: string | undefined;
  /** What was not searched. */
  missing: readonly string[];
  /** What had no meaning, and what else to try. */
  advice?: readonly string[];
  explain?: SearchExplain | undefined;
}

/** What `KnowledgeAnswer` and `SessionAnswer` have in common. */
export interface Answer<Hit> {
  hits: Hit[];
  next_cursor?: string;
  partial: boolean;
  note?: string;
  explain?: SearchExplain;
}

/** What was not searched, or not well enough to be shown. */
export interface Missing {
  /** Documents the time did not suffice for. */
  missed: number;
  unreadable: number;
  /** False when not even the documents could all be found. */
  isComplete: boolean;
  /** Hits below the last of the last page. */
  lower?: number;
}

/** What an answer leaves out and what to do about it, in sentences. */
export function leftOut(
  what: string,
  { missed, unreadable, isComplete, lower = 0 }: Missing,
  cursor: string | undefined,
): string[] {
  const narrow = "narrow the search with workspace_id, after or before";
  const advice = cursor === undefined ? narrow : `go on with next_cursor, or ${narrow}`;
  return [
    ...(isComplete ? [] : [`The time was over before all ${what}s could be looked at: ${narrow}.`]),
    ...(isComplete && missed > 0
      ? [`The time was over before ${counted(missed, what)} could be searched: ${advice}.`]
      : []),
    ...(unreadable > 0 ? [`${counted(unreadable, what)} could not be read.`] : []),
    ...(lower > 0 ? [`${counted(lower, what)} that fit less well are left out: ${narrow}.`] : []),
  ];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
