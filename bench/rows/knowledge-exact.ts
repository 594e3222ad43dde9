import type { Row } from "../bench.ts";
import { KNOWLEDGE_NEEDLES } from "../generate/needles.ts";
import { knowledgeFindings } from "./knowledge-cases.ts";

const CASES = Object.values(KNOWLEDGE_NEEDLES).map((needle) => ({ needle, gate: { timesBaseline: 0.02 } }));

/** An exact text in the knowledge files, the first twenty hits. */
export const knowledgeExact: Row = {
  name: "knowledge-exact",
  title: "Knowledge, exact text, first 20 hits",
  baseline: "rg --json over the same files",
  run: (bench) => knowledgeFindings(bench, "literal", CASES),
};
