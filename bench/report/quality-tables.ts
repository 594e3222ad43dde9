import type { QualityRow } from "../quality/run.ts";
import type { Table } from "./report.ts";

const COLUMNS = ["questions", "n", "engine", "hit@1", "hit@10", "MRR", "all@10"];

/** How often the right place was among the first; one table for each set of questions. */
export function qualityTables(rows: readonly QualityRow[]): Table[] {
  return [...Map.groupBy(rows, ({ corpus }) => corpus)].map(([corpus, some]) => ({
    title: `Ranking: ${corpus}`,
    columns: COLUMNS,
    lines: [...Map.groupBy(some, ({ category }) => category).values()].flat().map(lineOf),
  }));
}

function lineOf({ category, questions, engine, hit1, hit10, mrr, all10 }: QualityRow): string[] {
  return [category, String(questions), engine, ...[hit1, hit10, mrr, all10].map((share) => share.toFixed(3))];
}
