import { SessionAnswer, SessionQuery } from "../../../contract/search.ts";
import { defineTool, READS } from "../tool.ts";

export const searchSessions = defineTool({
  name: "search_sessions",
  title: "Search sessions",
  description:
    'Search past agent sessions (conversations, transcripts) of all machines, tools and projects: what was asked, answered, run and printed. Gives hits with line, role, snippet and a memory:// anchor; read_session opens them. A query may hold "exact phrases", -words and fields: machine:laptop role:user after:7d.',
  access: "all",
  effects: READS,
  alwaysLoad: true,
  input: SessionQuery,
  output: SessionAnswer,
  run: (query, { directory }, { signal }) => directory.searchSessions(query, signal),
});
