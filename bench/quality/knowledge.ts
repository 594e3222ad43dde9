import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Question } from "./question.ts";

/** A file of the knowledge of a project, written by hand. */
interface KnowledgeText {
  project: string;
  path: string;
  text: string;
}

const FILE = /^=== (\S+) (\S+)$/;
const QUESTION = /^\? knowledge (\S+) ([^:]+): (.*)$/;

/** The files of `stories/knowledge.txt` and what is asked about them. */
export function readKnowledge(): { files: KnowledgeText[]; questions: Question[] } {
  const files: KnowledgeText[] = [];
  const questions: Question[] = [];
  for (const line of readFileSync(join(import.meta.dirname, "stories/knowledge.txt"), "utf8").split("\n")) {
    const [, project, path] = FILE.exec(line) ?? [];
    const [, of, about, text] = QUESTION.exec(line) ?? [];
    if (project !== undefined && path !== undefined) files.push({ project, path, text: "" });
    else if (of !== undefined && about !== undefined && text !== undefined)
      questions.push({ category: "knowledge", text, wanted: [[`${of}/${about}`]] });
    else addTo(files.at(-1), line);
  }
  return { files, questions };
}

function addTo(file: KnowledgeText | undefined, line: string): void {
  if (file !== undefined) file.text += `${line}\n`;
}
