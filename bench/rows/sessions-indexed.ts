import type { Bench, CorpusName, Row } from "../bench.ts";
import { foldersOf } from "../corpora.ts";
import { holders, SESSION_NEEDLES, type Needle } from "../generate/needles.ts";
import { findingOf, type Finding, type Gate } from "../measure/finding.ts";
import { interleave } from "../measure/interleave.ts";
import { ripgrepTrial, searchTrial } from "../programs/search-trial.ts";

const { rare, frequent, pair, chinese } = SESSION_NEEDLES;
type Mode = "literal" | "ranked";
const CASES: readonly { needle: Needle; modes: readonly Mode[] }[] = [
  { needle: rare, modes: ["literal", "ranked"] },
  { needle: frequent, modes: ["literal", "ranked"] },
  { needle: pair, modes: ["ranked"] },
  { needle: chinese, modes: ["literal"] },
];

/** Words in all sessions, first page: literally, newest first, and ranked. */
export const sessionsIndexed: Row = {
  name: "sessions-indexed",
  title: "Sessions, a query that an index can help",
  baseline: "rg -z --json over the same archives",
  remark:
    "A request takes one to two milliseconds whatever it finds; a candidate costs 0.1 to 1 ms more, for its passages are read from the archive and checked, so that a stale index invents nothing: mostly one chunk, half of the time inflating and checking it. Ranked, 64 are read for a page of 20, for what the index knows bounds no score: that of one word could only tell that a user said it. The first eight answers take a quarter longer, until the threads have compiled their code. Only as many candidates are read as a page needs; ranked, a frequent word is cut to the best before they are read. Not tried: keeping the texts in the index, which would save the reading and cost the disk a second copy of them.",
  async run(bench) {
    const { small, large } = bench.sizes.rounds;
    return [
      ...(await findingsIn(bench, "smallest", { rounds: small })),
      ...(await findingsIn(bench, "small", { gate: { timesBaseline: 1 / 100 }, rounds: small })),
      ...(await findingsIn(bench, "large", { gate: { timesBaseline: 1 / 300 }, rounds: large })),
    ];
  },
};

async function findingsIn(
  bench: Bench,
  name: CorpusName,
  { gate, rounds }: { gate?: Gate; rounds: number },
): Promise<Finding[]> {
  const corpus = await bench.corpus(name);
  const { ai } = await bench.server(name);
  const { archives } = corpus.plan;
  const folders = foldersOf(corpus, "sessions");
  const findings: Finding[] = [];
  for (const { needle, modes } of CASES) {
    bench.progress(`${needle.name} in ${archives} archives`);
    const { query } = needle;
    const held = holders(needle, archives);
    const ours = modes.map(
      (mode) =>
        [
          `${archives} archives, ${needle.name}, ${mode}`,
          searchTrial(ai, { kind: "sessions", mode, query, holders: held }),
        ] as const,
    );
    const grep = { patterns: query.split(" "), kind: "fixed", compressed: true, folders } as const;
    const turns = { rounds, warmUp: 1 };
    const comparisons = await interleave(Object.fromEntries(ours), ripgrepTrial(grep, held), turns);
    findings.push(...comparisons.map((comparison) => findingOf(comparison, "ms", gate)));
  }
  return findings;
}
