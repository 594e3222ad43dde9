import type { TurnRole } from "../../contract/search.ts";
import type { WorkspaceName } from "../../contract/wire.ts";

/** Where something stands: `<session id>:<line>`, or `<project>/<path>` for a knowledge file. */
export type Place = string;

/** What is asked, and where the answer is. */
export interface Question {
  category: string;
  text: string;
  /** In which workspace it is asked; undefined: in all of them. */
  workspace?: WorkspaceName;
  /** One place of every group is wanted. Any of them answers the question, to have all of them is better. */
  wanted: readonly (readonly Place[])[];
}

/** What a line of a session says. */
export interface SaidLine {
  line: number;
  role: TurnRole;
  text: string;
}

export interface AskedSession {
  workspace: WorkspaceName;
  sessionId: string;
  /** ISO 8601. */
  started: string;
  /** The transcript. */
  raw: string;
  said: readonly SaidLine[];
}

export interface AskedFile {
  workspace: WorkspaceName;
  path: string;
  text: string;
}

/** Documents, and what is asked about them. */
export interface QuestionSet {
  sessions: readonly AskedSession[];
  files: readonly AskedFile[];
  questions: readonly Question[];
  /** How answers are read: the line that each hit shows, or all the lines it names, its best first. */
  read: "shown" | "all";
}

/** Something that can be asked. */
export interface Engine<Answer extends Place[] | Promise<Place[]> = Place[] | Promise<Place[]>> {
  name: string;
  /** The best places first, at least ten if there are so many. */
  ask: (question: Question) => Answer;
}

export function placeOf(sessionId: string, line: number): Place {
  return `${sessionId}:${line}`;
}

/** The session or file of a place. */
export function documentOf(place: Place): string {
  return place.replace(/:\d+$/, "");
}
