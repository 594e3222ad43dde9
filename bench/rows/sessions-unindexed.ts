import { workspaceIdOf } from "../../contract/names.ts";
import type { Bench, Row } from "../bench.ts";
import { foldersOf, type Corpus } from "../corpora.ts";
import { UNINDEXABLE } from "../generate/needles.ts";
import { WORKSPACES, type CorpusWorkspace } from "../generate/workspaces.ts";
import { findingOf, type Finding } from "../measure/finding.ts";
import { interleave } from "../measure/interleave.ts";
import { ripgrepTrial, searchTrial } from "../programs/search-trial.ts";

const GATE = { timesBaseline: 1 / 2.5 };

interface Scope {
  label: string;
  filter: Record<string, string>;
  among: (workspace: CorpusWorkspace) => boolean;
}

const SCOPES: readonly Scope[] = WORKSPACES.slice(0, 1).flatMap((one) => [
  { label: "one workspace", filter: { workspace_id: workspaceIdOf(one) }, among: (each) => each === one },
  { label: "one machine", filter: { machine: one.machine }, among: ({ machine }) => machine === one.machine },
  { label: "everything", filter: {}, among: () => true },
]);

/** A regular expression that holds no text: every line of every archive has to be read. */
export const sessionsUnindexed: Row = {
  name: "sessions-unindexed",
  title: "Sessions, a query that no index can help",
  baseline: "rg -z --json over the same archives",
  remark:
    "More than two thirds of the time go into inflating, checking and reading the archives, in as many threads as there are processors; a tenth into looking for the rarest part of the expression in the raw bytes, so that hardly a line is parsed: where that is a run of one class, as here, one byte of so many is looked at, which took a seventh away. The rest is zlib's work, and looking for letters written as escapes. The searching threads have a lower priority, which may cost them time beside other programs; that was not measured by itself.",
  async run(bench) {
    const corpus = await bench.corpus("small");
    const findings: Finding[] = [];
    for (const scope of SCOPES) findings.push(...(await findingsIn(bench, corpus, scope)));
    return findings;
  },
};

async function findingsIn(bench: Bench, corpus: Corpus, { label, filter, among }: Scope): Promise<Finding[]> {
  const { ai } = await bench.server("small");
  const archives = (corpus.plan.archives / WORKSPACES.length) * WORKSPACES.filter(among).length;
  bench.progress(`${archives} archives`);
  const ours = searchTrial(ai, { kind: "sessions", mode: "regex", query: UNINDEXABLE, filter, holders: 0 });
  const folders = foldersOf(corpus, "sessions", among);
  const baseline = ripgrepTrial({ patterns: [UNINDEXABLE], kind: "regex", compressed: true, folders }, 0);
  const turns = { rounds: bench.sizes.rounds.slow, warmUp: 1 };
  const name = `${archives} archives: ${label}`;
  const comparisons = await interleave({ [name]: ours }, baseline, turns);
  return comparisons.map((comparison) => findingOf(comparison, "ms", GATE));
}
