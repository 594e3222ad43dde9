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
  run: (bench) => knowledgeFindings(bench, "ranked", CASES),
};
