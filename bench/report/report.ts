import type { RowHead } from "../bench.ts";
import { ratioOf, verdictOf, type Finding } from "../measure/finding.ts";
import { gateText, ratioText, spread } from "./numbers.ts";

/** What a row gave, or why it gave nothing. */
export interface RowResult {
  row: RowHead;
  findings: readonly Finding[];
  failure?: string | undefined;
  /** Why the row was not measured at all, though nothing failed. */
  unmeasured?: string | undefined;
}

/** A table of the report: its title, the names of its columns, its lines. */
export interface Table {
  title: string;
  columns: readonly string[];
  lines: readonly (readonly string[])[];
  /** What is said below it. */
  note?: string | undefined;
}

interface Report {
  title: string;
  machine: readonly (readonly [name: string, value: string])[];
  results: readonly RowResult[];
  /** What is said beside the rows. */
  tables: readonly Table[];
}

const COLUMNS = [
  "case",
  "ours, median (quarters)",
  "baseline",
  "ours / baseline",
  "gate",
  "verdict",
  "noise",
];

/** The report as markdown: what falls short comes first, then every row with every case. */
export function reportText({ title, machine, results, tables }: Report): string {
  const gated = results.flatMap(({ findings }) => findings).filter((finding) => finding.gate !== undefined);
  const passed = gated.filter((finding) => verdictOf(finding) === "pass");
  return [
    `# ${title}`,
    machine.map(([name, value]) => `- ${name}: ${value}`).join("\n"),
    `**${passed.length} of ${gated.length} gates pass.** Ratios are of medians of one run, ours and the baseline measured in turn. *Noise* is how much longer the same fixed work took in its slowest tenth than in its median while the row was measured, and the load of the machine.`,
    shortfalls(results),
    omissions(results),
    ...results.map(rowText),
    ...tables.map((table) => tableText(table)),
  ]
    .filter((part) => part !== "")
    .join("\n\n")
    .concat("\n");
}

function shortfalls(results: readonly RowResult[]): string {
  const short = results.filter(fallsShort);
  if (short.length === 0) return "";
  const items = short.map(({ row, findings, failure }) => {
    const cases = findings
      .filter((finding) => verdictOf(finding) === "falls short")
      .map(({ label }) => label);
    const what = failure === undefined ? cases.join(", ") : `failed: ${failure}`;
    return `- **${row.title}** (${what}): ${row.remark}`;
  });
  return `## Falls short\n\n${items.join("\n")}`;
}

function omissions(results: readonly RowResult[]): string {
  const items = results.flatMap(({ row, unmeasured }) =>
    unmeasured === undefined ? [] : [`- **${row.title}**: ${unmeasured}`],
  );
  return items.length === 0 ? "" : `## Not measured\n\n${items.join("\n")}`;
}

function fallsShort({ findings, failure }: RowResult): boolean {
  return failure !== undefined || findings.some((finding) => verdictOf(finding) === "falls short");
}

function rowText({ row, findings, failure, unmeasured }: RowResult): string {
  const head = `\`${row.name}\`, against ${row.baseline}.`;
  const notes = findings.flatMap(({ label, flaws }) => flaws.map((flaw) => `- ${label}: ${flaw}`));
  return [
    tableText({ title: row.title, columns: COLUMNS, lines: findings.map(lineOf) }, head),
    ...(notes.length === 0 ? [] : [notes.join("\n")]),
    ...(failure === undefined ? [] : [`**Failed:** ${failure}`]),
    ...(unmeasured === undefined ? [] : [`**Not measured:** ${unmeasured}`]),
  ].join("\n\n");
}

function lineOf(finding: Finding): string[] {
  const { label, unit, ours, baseline, gate, noise } = finding;
  return [
    label,
    spread(ours, unit),
    baseline === undefined ? "" : spread(baseline, unit),
    ratioText(ratioOf(finding)),
    gateText(gate, unit),
    verdictOf(finding) === "falls short" ? "**falls short**" : verdictOf(finding),
    noise === undefined ? "" : `${noise.spread.toFixed(2)}×, load ${noise.load.toFixed(1)}`,
  ];
}

function tableText({ title, columns, lines, note = "" }: Table, head = ""): string {
  const rows = [columns, columns.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`);
  return [`## ${title}`, head, lines.length === 0 ? "" : rows.join("\n"), note]
    .filter((part) => part !== "")
    .join("\n\n");
}
