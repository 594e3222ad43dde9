import { KNOWLEDGE_NEEDLES, needlesOf } from "./needles.ts";
import { randomOf, seedOf, type Random } from "./random.ts";
import { momentAt, workspaceOf, type CorpusWorkspace } from "./workspaces.ts";
import type { Writer, Writers } from "./writer.ts";

const SEED = 20_261_101;
/** Of files that are partly Chinese. */
const CHINESE_SHARE = 0.12;
/** Sections of half of the files; the others have up to many times as many. */
const MEDIAN_SECTIONS = 3;
/** Files in one folder, in each of the topics, of a workspace. */
const FILES_PER_FOLDER = 24;
const TOPICS = ["notes", "guides", "decisions", "runbooks", "research"];

export interface GeneratedFile {
  workspace: CorpusWorkspace;
  /** Below the workspace's `knowledge/`. */
  path: string;
  text: string;
  modified: Date;
}

/** Knowledge file number `index`: the same for every corpus that has so many. */
export function knowledgeFile(index: number, writers: Writers): GeneratedFile {
  const random = randomOf(seedOf(SEED, index));
  const writer = writers.writer(random);
  return {
    workspace: workspaceOf(index),
    path: pathOf(index, writer),
    text: textOf(index, random, writer),
    modified: momentAt(random.next()),
  };
}

function pathOf(index: number, writer: Writer): string {
  // Documents of one workspace are twenty apart.
  const number = Math.floor(index / 20);
  const topic = TOPICS[number % TOPICS.length] ?? "";
  const folder = Math.floor(number / TOPICS.length / FILES_PER_FOLDER);
  return `${topic}/${String(folder).padStart(3, "0")}/${writer.word()}-${writer.word()}-${number}.md`;
}

function textOf(index: number, random: Random, writer: Writer): string {
  const isChinese = random.chance(CHINESE_SHARE);
  const sections = Math.min(40, Math.ceil(random.lognormal(MEDIAN_SECTIONS, 0.7)));
  const parts = [`# ${writer.sentence()}`];
  for (let section = 0; section < sections; section += 1) {
    parts.push(`## ${writer.word()} ${writer.word()}`, writer.paragraph(2 + random.integer(6)));
    if (isChinese) parts.push(writer.chinese(40 + random.integer(60)));
    if (random.chance(0.3)) parts.push(`\`\`\`ts\n${writer.code(3 + random.integer(12))}\n\`\`\``);
    if (random.chance(0.3)) parts.push(listOf(random, writer));
  }
  for (const { planted } of needlesOf(KNOWLEDGE_NEEDLES, index))
    parts.splice(2 + random.integer(parts.length - 2), 0, writer.sentence(planted));
  return `${parts.join("\n\n")}\n`;
}

function listOf(random: Random, writer: Writer): string {
  return Array.from({ length: 2 + random.integer(5) }, () => `- ${writer.sentence()}`).join("\n");
}
