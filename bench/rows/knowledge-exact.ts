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
    "A request takes one to three milliseconds whatever it finds, the more the fewer came before it: V8 has compiled little after eight of them, and ripgrep has emptied the processor's caches. Every candidate is opened and read, so that a stale index invents nothing; below 10,000 files ripgrep does not take much longer. No more candidates are read than a page needs, by the thread that asks the index; only the grams with the rarest letters are looked up. What is left of a frequent word is going through the rows of its grams. To look up only those grams that are rarest in the index would take half of that, but the figures of an explanation could then tell what is out of scope. A part of a word has more candidates than it has hits, for grams tell nothing about their order.",
  run: (bench) => knowledgeFindings(bench, "literal", CASES),
};
