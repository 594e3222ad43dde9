import type { Bench } from "../bench.ts";
import { foldersOf } from "../corpora.ts";
import { holders, type Needle } from "../generate/needles.ts";
import { findingOf, type Finding, type Gate } from "../measure/finding.ts";
import { interleave } from "../measure/interleave.ts";
import { ripgrepTrial, searchTrial } from "../programs/search-trial.ts";

/** A word to look for, and what is promised of it. */
export interface KnowledgeCase {
  needle: Needle;
  gate: Gate;
}

/** Searches the knowledge for each word, in turn with ripgrep over the same files. */
export async function knowledgeFindings(
  bench: Bench,
  mode: "ranked" | "literal",
  cases: readonly KnowledgeCase[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const one of cases) findings.push(...(await findingsOf(bench, mode, one)));
  return findings;
}

async function findingsOf(
  bench: Bench,
  mode: "ranked" | "literal",
  { needle, gate }: KnowledgeCase,
): Promise<Finding[]> {
  const corpus = await bench.corpus("large");
  const { ai } = await bench.server("large");
  bench.progress(needle.name);
  const { name, query } = needle;
  const held = holders(needle, corpus.plan.knowledgeFiles);
  const ours = searchTrial(ai, { kind: "knowledge", mode, query, holders: held });
  const folders = foldersOf(corpus, "knowledge");
  const baseline = ripgrepTrial({ patterns: [query], kind: "fixed", compressed: false, folders }, held);
  const turns = { rounds: bench.sizes.rounds.slow, warmUp: 1 };
  const comparisons = await interleave({ [name]: ours }, baseline, turns);
  return comparisons.map((comparison) => findingOf(comparison, "ms", gate));
}
