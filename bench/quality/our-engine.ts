import { workspaceIdOf } from "../../contract/names.ts";
import { KnowledgeAnswer, SessionAnswer } from "../../contract/search.ts";
import type { HttpClient } from "../programs/http-client.ts";
import { searchPath } from "../programs/search-trial.ts";
import { placeOf, type Engine, type Place, type Question, type QuestionSet } from "./question.ts";
import { wholeAnswer } from "./whole-answer.ts";

/** The product, asked as anybody asks it: ranked mode over HTTP. */
export function ourEngine(client: HttpClient, { read }: Pick<QuestionSet, "read">): Engine {
  return {
    name: "ours",
    ask: (question) =>
      question.category === "knowledge"
        ? askKnowledge(client, question)
        : askSessions(client, question, read),
  };
}

async function askSessions(
  client: HttpClient,
  question: Question,
  read: QuestionSet["read"],
): Promise<Place[]> {
  const { hits } = await wholeAnswer(async () =>
    SessionAnswer.parse(await client.json(pathOf(question, "sessions"))),
  );
  return hits.flatMap(({ session_id, line, more_lines = [] }) => {
    const lines = read === "all" ? [line, ...more_lines] : [line];
    return lines.map((each) => placeOf(session_id, each));
  });
}

async function askKnowledge(client: HttpClient, question: Question): Promise<Place[]> {
  const { hits } = await wholeAnswer(async () =>
    KnowledgeAnswer.parse(await client.json(pathOf(question, "knowledge"))),
  );
  return hits.map(({ workspace_id, path }) => `${projectOf(workspace_id)}/${path}`);
}

/** A workspace's id is machine-tool-project; knowledge is always of the same two. */
function projectOf(workspaceId: string): string {
  return workspaceId.replace(/^laptop-claude-code-/, "");
}

function pathOf({ text, workspace }: Question, kind: "sessions" | "knowledge"): string {
  const filter = workspace === undefined ? {} : { workspace_id: workspaceIdOf(workspace) };
  return searchPath({ kind, mode: "ranked", query: text, filter });
}
