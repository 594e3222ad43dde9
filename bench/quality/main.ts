import { parseArgs } from "node:util";
import { runQuality, type QualityRow } from "./run.ts";

/** `node bench/quality/main.ts [--beam DIR]`: how well the right place is found, ours beside plain tools. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { beam: { type: "string" } } });
  const rows = await runQuality({
    beamFolder: values.beam,
    progress: (text) => process.stderr.write(`${text}\n`),
  });
  for (const [corpus, some] of Map.groupBy(rows, (row) => row.corpus))
    process.stdout.write(`${tableText(corpus, some)}\n`);
}

function tableText(corpus: string, rows: readonly QualityRow[]): string {
  const head = `## ${corpus}\n\n| questions | n | engine | hit@1 | hit@10 | MRR | all@10 |\n|---|---:|---|---:|---:|---:|---:|\n`;
  const ordered = [...Map.groupBy(rows, ({ category }) => category).values()].flat();
  return `${head}${ordered.map(lineText).join("")}`;
}

function lineText({ category, questions, engine, hit1, hit10, mrr, all10 }: QualityRow): string {
  const shares = [hit1, hit10, mrr, all10].map((share) => share.toFixed(3));
  return `| ${[category, questions, engine, ...shares].join(" | ")} |\n`;
}

await main();
