import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What people ask: in the words that stand there; as they remember it, by its main words; in other words altogether; about
 * several sessions; in Chinese; about knowledge.
 */
export const CATEGORIES = [
  "exact",
  "recalled",
  "paraphrased",
  "multi-session",
  "chinese",
  "knowledge",
] as const;
export type Category = (typeof CATEGORIES)[number];

export interface Said {
  by: "user" | "assistant" | "thinking" | "command" | "result";
  text: string;
  /** By which questions name this line. */
  mark: string | undefined;
}

export interface StoryQuestion {
  category: Category;
  /** Groups of marks (`mark`, or `story.mark` in another one): one of every group is wanted. */
  wanted: readonly (readonly string[])[];
  text: string;
}

/** Something that happened in one session: written by hand. */
export interface Story {
  id: string;
  /** Empty for what happens in any project. */
  project: string;
  client: "claude-code" | "codex";
  /** ISO 8601 date. */
  day: string;
  said: Said[];
  questions: StoryQuestion[];
}

const SPEAKERS = { U: "user", A: "assistant", T: "thinking", C: "command", R: "result" } as const;
const HEAD = /^# (\S+)(?: (\S+) (claude-code|codex) (\S+))?$/;
const SPOKEN = /^([UATCR])(?:\[(\w+)\])?: (.*)$/;
const QUESTION = /^\? ([a-z-]+) ([^:]+): (.*)$/;

export function storiesIn(file: string): Story[] {
  return parseStories(readFileSync(join(import.meta.dirname, "stories", file), "utf8"));
}

/** Stories in the form that the README describes. Throws for a line that is none of theirs. */
export function parseStories(text: string): Story[] {
  const stories: Story[] = [];
  for (const line of text.split("\n").filter((each) => each.trim() !== "")) {
    const head = HEAD.exec(line);
    if (head !== null) stories.push(storyOf(head));
    else addLine(stories.at(-1), line);
  }
  return stories;
}

function storyOf([, id = "", project = "", client, day = ""]: RegExpExecArray): Story {
  return { id, project, client: client === "codex" ? client : "claude-code", day, said: [], questions: [] };
}

function addLine(story: Story | undefined, line: string): void {
  const spoken = SPOKEN.exec(line);
  const question = QUESTION.exec(line);
  const last = story?.said.at(-1);
  if (story === undefined) throw new Error(`no story begins before: ${line}`);
  if (spoken !== null) story.said.push(saidOf(spoken));
  else if (question !== null) story.questions.push(questionOf(question));
  else if (line.startsWith("  ") && last !== undefined) last.text += `\n${line.slice(2)}`;
  else throw new Error(`${story.id}: what is this line? ${line}`);
}

function saidOf([, speaker = "", mark, text = ""]: RegExpExecArray): Said {
  const by = Object.entries(SPEAKERS).find(([letter]) => letter === speaker)?.[1] ?? "user";
  return { by, text, mark };
}

function questionOf([line, name = "", wanted = "", text = ""]: RegExpExecArray): StoryQuestion {
  const category = CATEGORIES.find((known) => known === name);
  if (category === undefined) throw new Error(`no such category: ${line}`);
  return { category, wanted: wanted.split(" ").map((group) => group.split(",")), text };
}
