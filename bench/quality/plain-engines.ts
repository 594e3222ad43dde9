import { DatabaseSync } from "node:sqlite";
import { STOP_WORDS } from "../../server/search/words/stop-words.ts";
import {
  placeOf,
  type AskedSession,
  type Engine,
  type Place,
  type Question,
  type QuestionSet,
} from "./question.ts";

interface Row {
  place: Place;
  project: string;
  kind: "session" | "knowledge";
  isUser: boolean;
  startedMs: number;
  text: string;
}

/** Words as the tokenizer unicode61 sees them. */
function wordsOf(text: string): string[] {
  return [...new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])];
}

function rowsOf({ sessions, files }: QuestionSet): Row[] {
  const turns = sessions.flatMap((session) => session.said.map((said) => turnRow(session, said)));
  const knowledge = files.map(({ workspace, path, text }): Row => ({
    place: `${workspace.project}/${path}`,
    project: workspace.project,
    kind: "knowledge",
    isUser: false,
    startedMs: 0,
    text,
  }));
  return [...turns, ...knowledge];
}

function turnRow(
  { sessionId, started, workspace }: AskedSession,
  { line, role, text }: AskedSession["said"][number],
): Row {
  const place = placeOf(sessionId, line);
  return {
    place,
    project: workspace.project,
    kind: "session",
    isUser: role === "user",
    startedMs: Date.parse(started),
    text,
  };
}

/** Whether a question is to be answered from this row. */
function concerns({ category, workspace }: Question, { kind, project }: Row): boolean {
  return (
    (kind === "knowledge") === (category === "knowledge") &&
    (workspace === undefined || workspace.project === project)
  );
}

/** What is left of `rg -i` for one word after the other: lines that hold all words but stop words, newest session first. */
export function ripgrepAll(set: QuestionSet): Engine<Place[]> {
  const rows = rowsOf(set).map((row) => ({ ...row, text: row.text.toLowerCase() }));
  rows.sort((a, b) => b.startedMs - a.startedMs);
  return {
    name: "rg, all words",
    ask: (question) => {
      const words = wordsOf(question.text).filter((word) => !STOP_WORDS.has(word));
      return rows
        .filter((row) => concerns(question, row) && words.every((word) => row.text.includes(word)))
        .map(({ place }) => place);
    },
  };
}

/** A full-text table as SQLite makes it, one row per turn or file: any of the words, best first by bm25. */
export function plainFts(set: QuestionSet, { only }: { only: "all turns" | "user turns" }): Engine<Place[]> {
  const rows = rowsOf(set).filter(
    ({ isUser, kind }) => only === "all turns" || isUser || kind === "knowledge",
  );
  const database = new DatabaseSync(":memory:");
  database.exec("create virtual table said using fts5(text, tokenize='unicode61')");
  const insert = database.prepare("insert into said (rowid, text) values (?, ?)");
  for (const [index, { text }] of rows.entries()) insert.run(index, text);
  const select = database.prepare("select rowid as row from said where said match ? order by rank, rowid");
  return {
    name: `FTS5, ${only}`,
    ask: (question) => {
      const words = wordsOf(question.text).map((word) => `"${word}"`);
      const found =
        words.length === 0
          ? []
          : select.all(words.join(" OR ")).flatMap(({ row }) => rows[Number(row)] ?? []);
      return found.filter((row) => concerns(question, row)).map(({ place }) => place);
    },
  };
}
