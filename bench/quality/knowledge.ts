import { readFileSync } from "node:fs";
import { join } from "node:path";
import { randomOf, seedOf, type Random } from "../generate/random.ts";
import { UsualSteps } from "./usual-steps.ts";
import type { AskedFile, Question } from "./question.ts";
import type { Story } from "./story.ts";
import { isToldIn, TRADES, tradeOf } from "./trades.ts";

const FILE = /^=== (\S+) (\S+)$/;
const QUESTION = /^\? knowledge (\S+) ([^:]+): (.*)$/;

/** The files of `stories/knowledge.txt` and what is asked about them. */
export function readKnowledge(): { files: AskedFile[]; questions: Question[] } {
  const files: AskedFile[] = [];
  const questions: Question[] = [];
  for (const line of readFileSync(join(import.meta.dirname, "stories/knowledge.txt"), "utf8").split("\n")) {
    const [, project, path] = FILE.exec(line) ?? [];
    const [, of, about, text] = QUESTION.exec(line) ?? [];
    if (project !== undefined && path !== undefined)
      files.push({ workspace: workspaceOf(project), path, text: "" });
    else if (of !== undefined && about !== undefined && text !== undefined)
      questions.push({ category: "knowledge", text, wanted: [[`${of}/${about}`]] });
    else addTo(files.at(-1), line);
  }
  return { files, questions };
}

function addTo(file: AskedFile | undefined, line: string): void {
  if (file !== undefined) file.text += `${line}\n`;
}

function workspaceOf(project: string): AskedFile["workspace"] {
  return { machine: "laptop", tool: "claude-code", project };
}

const SEED = 20_261_122;

/** So many files that nobody asks about: what was decided while the usual things happened. */
export function usualFiles(count: number, everyday: readonly Story[]): AskedFile[] {
  return Array.from({ length: count }, (_, number) =>
    usualFile(randomOf(seedOf(SEED, number)), number, everyday),
  );
}

function usualFile(random: Random, number: number, everyday: readonly Story[]): AskedFile {
  const project = random.pick(Object.keys(TRADES));
  const steps = new UsualSteps(random, tradeOf(project));
  const usual = everyday.filter((story) => isToldIn(story.id, project));
  const points = Array.from({ length: 3 + random.integer(9) }, () => {
    const said = random.pick(usual).said.filter(({ by }) => by === "assistant");
    return `- ${steps.fill(said.at(-1)?.text ?? "")}`;
  });
  const title = steps.fill(
    random.pick(["Notes on {module}", "{service}: decisions", "{module} in {service}"]),
  );
  return {
    workspace: workspaceOf(project),
    path: `notes/${number}-${steps.fill("{module}")}.md`,
    text: `# ${title}\n\n${points.join("\n")}\n`,
  };
}
