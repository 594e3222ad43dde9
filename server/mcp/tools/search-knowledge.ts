import { KnowledgeAnswer, KnowledgeQuery } from "../../../contract/search.ts";
import { defineTool, READS } from "../tool.ts";

export const searchKnowledge = defineTool({
  name: "search_knowledge",
  title: "Search knowledge files",
  description:
    'Search the knowledge files (markdown notes: designs, decisions, how-tos) and memories of all workspaces, or of one, or of a machine, tool or project. Gives hits with path, line, snippet and a memory:// anchor; read_knowledge opens them. A query may hold "exact phrases", -words and fields: project:webshop file:docs/ after:7d.',
  access: "all",
  effects: READS,
  alwaysLoad: true,
  input: KnowledgeQuery,
  output: KnowledgeAnswer,
  run: (query, { directory }, { signal }) => directory.searchKnowledge(query, signal),
});
