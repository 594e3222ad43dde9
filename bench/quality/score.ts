import { documentOf, type Place, type Question } from "./question.ts";

/** What a reader looks at. */
const FIRST = 10;

/** How well an engine answered some questions: shares from 0 to 1. */
export interface Score {
  questions: number;
  /** The first place answers the question. */
  hit1: number;
  /** One of the first ten does. */
  hit10: number;
  /** Mean of one divided by the rank of the first that does; nothing beyond ten. */
  mrr: number;
  /** All that is wanted is among the first ten. */
  all10: number;
}

export interface Answered {
  question: Question;
  places: readonly Place[];
}

/** What counts as the same place. */
export interface Measure {
  keyOf: (place: Place) => string;
  /** Places with the same key are one. */
  once: boolean;
}

export const BY_LINE: Measure = { keyOf: (place) => place, once: false };
/** By the session or the file: it does not matter which line of it is named. */
export const BY_DOCUMENT: Measure = { keyOf: documentOf, once: true };

export function scoreOf(answered: readonly Answered[], { keyOf, once }: Measure): Score {
  const each = answered.map(({ question, places }) => {
    const keys = places.map(keyOf);
    const wanted = question.wanted.map((group) => group.map(keyOf));
    return scored(wanted, once ? [...new Set(keys)] : keys);
  });
  const mean = (of: (one: One) => number) =>
    each.reduce((sum, one) => sum + of(one), 0) / Math.max(1, each.length);
  return {
    questions: each.length,
    hit1: mean(({ rank }) => Number(rank === 1)),
    hit10: mean(({ rank }) => Number(rank > 0)),
    mrr: mean(({ rank }) => (rank > 0 ? 1 / rank : 0)),
    all10: mean(({ all }) => Number(all)),
  };
}

interface One {
  /** Of the first place that is wanted, from 1; 0 when there is none. */
  rank: number;
  all: boolean;
}

function scored(wanted: readonly (readonly string[])[], places: readonly string[]): One {
  const first = places.slice(0, FIRST);
  return {
    rank: first.findIndex((place) => wanted.some((group) => group.includes(place))) + 1,
    all: wanted.every((group) => first.some((place) => group.includes(place))),
  };
}
