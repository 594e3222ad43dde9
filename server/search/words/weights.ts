import type { TurnRole } from "../../../contract/search.ts";

/**
 * What ranked search weighs, chosen by measuring: `bench/quality` says how. Which documents of a large index are looked at
 * is weighed below search: `FIELD` in `index/text/levels.ts` and `USER_BOOST` in `index/lookup/sessions.ts`.
 */
export const WEIGHTS = {
  /** A word of the query that is only a part of a name, and one that is only part of the asking. */
  part: 0.4,
  asking: 0.5,
  /** Words that one of so many passages holds count about alike, and the more the rarer they are beyond that. */
  common: 10,
  /** With how much reserve the rarity of a word in larger pieces of text is taken for its rarity in passages. */
  reserve: 10,
  /** Another form of a word, for one in the form that was typed. */
  otherForm: 0.5,
  /** BM25: how soon more of the same word stops counting, how much the length counts, and the usual length. */
  saturation: 1.2,
  length: 0.85,
  usualChars: 400,
  /** A turn that is shorter is not taken for more to the point than one of this length. */
  leastChars: 80,
  /** Two words of the query that stand near each other in the text as in the query, and how near that is. */
  near: 0.4,
  nearChars: 20,
  /** And besides, two words of a name that are joined in the text as they were typed. */
  joined: 0.6,
  /** Where in knowledge a word stands. */
  field: { path: 2, heading: 2, line: 1 },
  /** Of what the best answer to a question holds, for the question. */
  answer: 0.3,
  /** Of what a heading holds, for every line below it. */
  section: 0.3,
  /** How much more a line of knowledge counts that holds a phrase of the query: it is the one to show. */
  phrase: 2,
  /**
   * How much a document's whole content counts beside its best passage. A knowledge file is about one thing; a session is
   * about many: what stands together in one turn tells more than what it holds here and there.
   */
  wholeShare: { knowledge: 1, sessions: 0.3 },
  role: {
    user: 1.4,
    assistant: 1,
    thinking: 0.8,
    tool_call: 0.6,
    tool_result: 0.6,
    system: 0.5,
  } satisfies Record<TurnRole, number>,
} as const;
