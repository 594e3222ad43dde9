import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Bench, type Row } from "./bench.ts";
import { CACHE, cacheBytes } from "./cache.ts";
import { readChoice, type Choice } from "./choice.ts";
import { loadText, machineFacts } from "./measure/machine.ts";
import { runQuality } from "./quality/run.ts";
import { corpusTables } from "./report/corpus-tables.ts";
import { quantity } from "./report/numbers.ts";
import { qualityTables } from "./report/quality-tables.ts";
import { aimResult, BEAM_RANKING } from "./report/ranking-aim.ts";
import { reportText, type RowResult, type Table } from "./report/report.ts";
import { FULL } from "./sizes.ts";

/** What is committed: a whole, full run. Everything else goes to the screen and into the cache. */
const RESULTS = join(import.meta.dirname, "RESULTS.md");

/** What is said about the ranking: one result with verdicts, and every figure in tables. */
interface Ranking {
  results: readonly RowResult[];
  tables: readonly Table[];
}

const NO_RANKING: Ranking = { results: [], tables: [] };

/** `node bench/main.ts [--quick] [--beam FOLDER] [row …]`: measures the rows, all by default, and reports. */
async function main(): Promise<void> {
  const choice = readChoice(process.argv.slice(2));
  await mkdir(CACHE, { recursive: true });
  const report = await measured(choice);
  const { isWhole, sizes } = choice;
  const file =
    isWhole && sizes === FULL ? RESULTS : join(CACHE, `RESULTS-${isWhole ? sizes.label : "rows"}.md`);
  await writeFile(file, report);
  if (file !== RESULTS) process.stdout.write(report);
  say(`written to ${file}`);
}

async function measured(choice: Choice): Promise<string> {
  const machine = await machineFacts();
  await using bench = new Bench(choice.sizes, (text) => say(`  ${text}`));
  const results: RowResult[] = [];
  for (const row of choice.rows) results.push(await resultOf(row, bench));
  await bench.quiet();
  const ranking = choice.quality ? await rankingOf(choice) : NO_RANKING;
  const end = [
    ["load at the end", loadText()] as const,
    ["disk taken by what is cached", quantity(await cacheBytes(), "bytes")] as const,
  ];
  const title = choice.sizes === FULL ? "Benchmark results" : "Benchmark results, quick run";
  const tables = [...ranking.tables, ...corpusTables(bench)];
  return reportText({
    title,
    machine: [...machine, ...end],
    results: [...results, ...ranking.results],
    tables,
  });
}

/** A row that fails must not take the others with it, nor hide. */
async function resultOf(row: Row, bench: Bench): Promise<RowResult> {
  const started = performance.now();
  say(`${row.name}: ${row.title}`);
  try {
    const findings = await row.run(bench);
    say(`  ${((performance.now() - started) / 1000).toFixed(0)} s`);
    return { row, findings };
  } catch (error) {
    return { row, findings: [], failure: failed(error) };
  }
}

async function rankingOf({ beamFolder }: Choice): Promise<Ranking> {
  say("quality: how good the ranking is");
  try {
    const rows = await runQuality({ beamFolder, progress: (text) => say(`  ${text}`) });
    return { results: [aimResult(rows)], tables: qualityTables(rows) };
  } catch (error) {
    return { results: [{ row: BEAM_RANKING, findings: [], failure: failed(error) }], tables: [] };
  }
}

/** Tells all on the screen, and gives the first line for the report. */
function failed(error: unknown): string {
  const text = String(error);
  say(`  failed: ${text}`);
  process.exitCode = 1;
  return text.split("\n")[0] ?? text;
}

/** Progress goes to stderr, the report to stdout. */
function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

await main();
