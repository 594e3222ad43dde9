import type { Bench, CorpusName } from "../bench.ts";
import { foldersOf } from "../corpora.ts";
import { holders, type Needle } from "../generate/needles.ts";
import { findingOf, type Finding, type Gate } from "../measure/finding.ts";
import { interleave } from "../measure/interleave.ts";
import { ripgrepTrial, searchTrial } from "../programs/search-trial.ts";

/** A word to look for, and what is promised of it in the large corpus. */
export interface KnowledgeCase {
  needle: Needle;
  gate: Gate;
}

type Mode = "ranked" | "literal";
/** The largest, for which the promises are, comes last: the smaller ones show how the times grow. */
const CORPORA = ["smallest", "small", "large"] as const satisfies CorpusName[];

/** Searches the knowledge for each word, in turn with ripgrep over the same files; in each corpus. */
export async function knowledgeFindings(
  bench: Bench,
  mode: Mode,
  cases: readonly KnowledgeCase[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const name of CORPORA)
    for (const one of cases) findings.push(...(await findingsIn(bench, { name, mode, ...one })));
  return findings;
}

async function findingsIn(
  bench: Bench,
  { name, mode, needle, gate }: KnowledgeCase & { name: CorpusName; mode: Mode },
): Promise<Finding[]> {
  const corpus = await bench.corpus(name);
  const { ai } = await bench.server(name);
  const { query } = needle;
  const { knowledgeFiles } = corpus.plan;
  const label = `${knowledgeFiles} files, ${needle.name}`;
  bench.progress(label);
  const held = holders(needle, knowledgeFiles);
  const ours = searchTrial(ai, { kind: "knowledge", mode, query, holders: held });
  const folders = foldersOf(corpus, "knowledge");
  const baseline = ripgrepTrial({ patterns: [query], kind: "fixed", compressed: false, folders }, held);
  const turns = { rounds: bench.sizes.rounds.slow, warmUp: 1 };
  const comparisons = await interleave({ [label]: ours }, baseline, turns);
  return comparisons.map((each) => findingOf(each, "ms", name === "large" ? gate : undefined));
}
