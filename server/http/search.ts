import { KnowledgeAnswer, KnowledgeQuery, SessionAnswer, SessionQuery } from "../../contract/search.ts";
import { LIMITS } from "../../contract/limits.ts";
import { numberText } from "./query.ts";
import { defineRoute } from "./route.ts";

const limit = numberText(1, LIMITS.search.hits).default(LIMITS.search.defaultHits);

const knowledge = defineRoute({
  method: "get",
  path: "/api/v1/search/knowledge",
  roles: ["ai", "sync"],
  summary: "Searches the knowledge files in the token's scope",
  input: { query: KnowledgeQuery.extend({ limit }) },
  answers: { 200: { description: "One page of hits", schema: KnowledgeAnswer } },
  run: ({ parts, principal, signal }, { query }) => parts.gate.all(principal).searchKnowledge(query, signal),
});

const sessions = defineRoute({
  method: "get",
  path: "/api/v1/search/sessions",
  roles: ["ai", "sync"],
  summary: "Searches the session archives in the token's scope",
  input: { query: SessionQuery.extend({ limit }) },
  answers: { 200: { description: "One page of hits", schema: SessionAnswer } },
  run: ({ parts, principal, signal }, { query }) => parts.gate.all(principal).searchSessions(query, signal),
});

export const searchRoutes = [knowledge, sessions];
