import { OTHER_LINES, OURS, type QualityRow } from "../quality/run.ts";
import type { Table } from "./report.ts";

const COLUMNS = ["questions", "n", "engine", "hit@1", "hit@10", "MRR", "all@10"];

/** How often the right place was among the first; one table for each set of questions, which says where plain tools do better. */
export function qualityTables(rows: readonly QualityRow[]): Table[] {
  return [...Map.groupBy(rows, ({ corpus }) => corpus)].map(([corpus, some]) => {
    const groups = [...Map.groupBy(some, ({ category }) => category).values()];
    return {
      title: `Ranking: ${corpus}`,
      columns: COLUMNS,
      lines: groups.flat().map(lineOf),
      note: lossesText(groups.flatMap(lossesIn)),
    };
  });
}

function lineOf({ category, questions, engine, hit1, hit10, mrr, all10 }: QualityRow): string[] {
  return [category, String(questions), engine, ...[hit1, hit10, mrr, all10].map((share) => share.toFixed(3))];
}

/** Of the engines that answered the same questions, those that beat ours. */
function lossesIn(group: readonly QualityRow[]): string[] {
  const ours = group.find(({ engine }) => engine === OURS);
  if (ours === undefined) return [];
  const withOthers = group.find(({ engine }) => engine === OTHER_LINES);
  const read = withOthers === undefined ? "" : `, with its other lines ${sharesOf(withOthers)}`;
  return group
    .filter((row) => row !== withOthers && (row.hit1 > ours.hit1 || row.hit10 > ours.hit10))
    .map((row) => `${row.category}: ${row.engine} ${sharesOf(row)}, ours ${sharesOf(ours)}${read}`);
}

function sharesOf({ hit1, hit10 }: QualityRow): string {
  return `${hit1.toFixed(3)} / ${hit10.toFixed(3)}`;
}

function lossesText(losses: readonly string[]): string {
  if (losses.length === 0) return "";
  return [
    "A plain tool is better at hit@1 or hit@10 here. Ours shows a session once, by its best line, and names its other lines beside it; a plain table shows every line for itself:",
    losses.map((loss) => `- ${loss}`).join("\n"),
  ].join("\n\n");
}
