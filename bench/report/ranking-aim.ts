import type { RowHead } from "../bench.ts";
import { counted, type Finding } from "../measure/finding.ts";
import { BEAM, OTHER_LINES, OURS, type QualityRow } from "../quality/run.ts";
import type { RowResult } from "./report.ts";

/** What ranked search is to reach, for the measure by which plain FTS5 was found to reach 0.39 and 0.77. */
const AIMS = [
  { figure: "hit1", name: "hit@1", least: 0.5 },
  { figure: "hit10", name: "hit@10", least: 0.83 },
] as const;

/** How often ranked search finds the right exchange of BEAM-100K, as a row of the report. */
export const BEAM_RANKING: RowHead = {
  name: "quality",
  title: "Ranking on BEAM-100K, right exchange",
  baseline: "the best plain tool in each line: FTS5 over all turns or users' turns, or ripgrep for all words",
  remark:
    "The weights were chosen by a coarse search over the shipped corpus and the ten conversations with odd numbers. The other ten, half of the questions, are the honest figure; the figure for all includes what was fitted on. Most questions that are missed follow from an instruction or a wish told long before, or ask for one detail or the order of events: plain FTS5 misses as many of them, for they share few words with the turn. Meaning instead of words (vectors) was not tried. On half of BEAM a difference below 0.03 means nothing.",
};

/** The aim as verdicts, for all questions and for those that no weight was fitted on. */
export function aimResult(rows: readonly QualityRow[]): RowResult {
  const findings = [BEAM.whole, BEAM.heldOut].flatMap((corpus) => aimFindings(rows, corpus));
  if (findings.length > 0) return { row: BEAM_RANKING, findings };
  const unmeasured = "its questions are not shipped; `BEAM=folder` names the folder that holds them.";
  return { row: BEAM_RANKING, findings, unmeasured };
}

function aimFindings(rows: readonly QualityRow[], corpus: string): Finding[] {
  const all = rows.filter((row) => row.corpus === corpus && row.category === "all");
  const ours = all.find(({ engine }) => engine === OURS);
  if (ours === undefined) return [];
  const plain = all.filter(({ engine }) => engine !== OURS && engine !== OTHER_LINES);
  const which = corpus === BEAM.whole ? "questions, the fitted half among them" : "questions not fitted on";
  return AIMS.map(({ figure, name, least }) =>
    counted(`${name}, ${ours.questions} ${which}`, "share", {
      ours: ours[figure],
      baseline: Math.max(...plain.map((row) => row[figure])),
      gate: { atLeast: least },
    }),
  );
}
