import type { Row } from "../bench.ts";
import { KNOWLEDGE_NEEDLES } from "../generate/needles.ts";
import { knowledgeFindings } from "./knowledge-cases.ts";

const CASES = [
  { needle: KNOWLEDGE_NEEDLES.rare, gate: { timesBaseline: 0.01 } },
  { needle: KNOWLEDGE_NEEDLES.frequent, gate: { timesBaseline: 0.05 } },
];

/** A word in the knowledge files, the twenty best of all files that hold it. */
export const knowledgeRanked: Row = {
  name: "knowledge-ranked",
  title: "Knowledge, ranked, best 20",
  baseline: "rg --json over the same files, which ranks nothing",
  remark:
    "A request takes one to three milliseconds whatever it finds, the more the fewer came before it; the thread that finds the files reading few of them itself gained nothing. A frequent word is scored over all files in scope that hold it, by marks that the index has of how much each file is about it (SQLite's bm25 took twice as long, and counts rows out of scope), and then the best of them are read and scored by passages. What the index says alone does not tell which line to show.",
  run: (bench) => knowledgeFindings(bench, "ranked", CASES),
};
