import type { Row } from "../bench.ts";
import { KNOWLEDGE_NEEDLES } from "../generate/needles.ts";
import { knowledgeFindings } from "./knowledge-cases.ts";

const CASES = Object.values(KNOWLEDGE_NEEDLES).map((needle) => ({ needle, gate: { timesBaseline: 0.02 } }));

/** An exact text in the knowledge files, the first twenty hits. */
export const knowledgeExact: Row = {
  name: "knowledge-exact",
  title: "Knowledge, exact text, first 20 hits",
  baseline: "rg --json over the same files",
  remark:
    "A request takes one to two milliseconds whatever it finds, and every candidate is opened and read, so that a stale index invents nothing; below 10,000 files ripgrep does not take much longer. A phrase or a part of a word has more candidates than it has hits, for grams tell nothing about their order.",
  run: (bench) => knowledgeFindings(bench, "literal", CASES),
};
