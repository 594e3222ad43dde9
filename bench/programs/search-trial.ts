import { KnowledgeAnswer, SessionAnswer } from "../../contract/search.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { Measured, Trial } from "../measure/interleave.ts";
import type { HttpClient } from "./http-client.ts";
import { runRipgrep, type Grep } from "./ripgrep.ts";

/** A search as somebody would ask it over HTTP, first page. */
export interface Asked {
  kind: "knowledge" | "sessions";
  mode: "ranked" | "literal" | "regex";
  query: string;
  /** Other parameters, for example a workspace. */
  filter?: Record<string, string>;
  /** Documents that hold it: none means no hit, more than a page a full page. */
  holders: number;
}

const ANSWERS = { knowledge: KnowledgeAnswer, sessions: SessionAnswer } as const;

/** Where a search is asked. */
export function searchPath({ kind, mode, query, filter = {} }: Omit<Asked, "holders">): string {
  return `/api/v1/search/${kind}?${new URLSearchParams({ query, mode, ...filter }).toString()}`;
}

/** The time from the question to the last byte of the answer, which is then checked. */
export function searchTrial(client: HttpClient, asked: Asked): Trial {
  const path = searchPath(asked);
  return async () => {
    const started = performance.now();
    const { body } = await client.send({ path });
    const ms = performance.now() - started;
    return checked(asked, ANSWERS[asked.kind].parse(JSON.parse(body.toString("utf8"))), ms);
  };
}

/** The time ripgrep takes for everything, its answer checked against what is known to be there. */
export function ripgrepTrial(grep: Grep, holders: number): Trial {
  return async () => {
    const started = performance.now();
    const matched = await runRipgrep(grep);
    const ms = performance.now() - started;
    if (matched !== holders > 0)
      throw new Error(`ripgrep for ${grep.patterns.join(", ")}: ${matched ? "a match" : "no match"}`);
    return ms;
  };
}

function checked(
  { query, mode, holders }: Asked,
  { hits, partial }: { hits: readonly object[]; partial: boolean },
  ms: number,
): Measured {
  if (partial) return { value: ms, flaw: `the answer was partial` };
  const expected = Math.min(holders, LIMITS.search.defaultHits);
  if (hits.length < expected || (holders === 0 && hits.length > 0))
    throw new Error(`${mode} search for ${query}: ${hits.length} hits, ${expected} expected`);
  return ms;
}
