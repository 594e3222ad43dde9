import { KnowledgeAnswer, KnowledgeQuery, SessionAnswer, SessionQuery } from "../../contract/search.ts";
import { LIMITS } from "../../contract/limits.ts";
import { flagText, numberText } from "./query.ts";
import { defineRoute } from "./route.ts";

/** What a query string writes in another way than JSON. */
const written = {
  limit: numberText(1, LIMITS.search.hits).default(LIMITS.search.defaultHits),
  explain: flagText().default(false).describe("Say how the query was understood and what the search did"),
};

const knowledge = defineRoute({
  method: "get",
  path: "/api/v1/search/knowledge",
  roles: ["ai", "sync"],
  summary: "Searches the knowledge files in the token's scope",
  input: { query: KnowledgeQuery.extend(written) },
  answers: { 200: { description: "One page of hits", schema: KnowledgeAnswer } },
  run: ({ parts, principal, signal }, { query }) => parts.gate.all(principal).searchKnowledge(query, signal),
});

const sessions = defineRoute({
  method: "get",
  path: "/api/v1/search/sessions",
  roles: ["ai", "sync"],
  summary: "Searches the session archives in the token's scope",
  input: { query: SessionQuery.extend(written) },
  answers: { 200: { description: "One page of hits", schema: SessionAnswer } },
  run: ({ parts, principal, signal }, { query }) => parts.gate.all(principal).searchSessions(query, signal),
});

export const searchRoutes = [knowledge, sessions];
