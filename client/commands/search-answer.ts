import type {
  KnowledgeAnswer,
  KnowledgeHit,
  SearchExplain,
  SessionAnswer,
  SessionHit,
  Why,
} from "../../contract/search.ts";
import { formatTime, plain } from "../format.ts";
import type { Output } from "../output.ts";
import { inCommands } from "../remote/answer.ts";

/** What the command prints with --json. */
export interface Found {
  knowledge?: KnowledgeAnswer;
  sessions?: SessionAnswer;
}

/** True when nothing was found. */
export function isEmpty(found: Found): boolean {
  return Object.values(found).every(({ hits }) => hits.length === 0);
}

/**
 * Shows answers to people, or as JSON; what is missing from them is said. `reach`: the workspaces that could be looked into,
 * where those are not all.
 */
export function showAnswers(found: Found, output: Output, { reach }: { reach: string | undefined }): void {
  if (output.json) output.print(JSON.stringify(found));
  else {
    for (const hit of found.knowledge?.hits ?? []) output.print(knowledgeText(hit, output));
    for (const hit of found.sessions?.hits ?? []) output.print(sessionText(hit, output));
    for (const [kind, { explain }] of Object.entries(found))
      if (explain !== undefined) output.print(`\n${explainText(kind, explain, output)}`);
  }
  for (const [kind, answer] of Object.entries(found)) sayRest(kind, answer, output);
  if (isEmpty(found)) sayNothing(found, output, reach);
}

/** Both kinds give the same advice, and none where the other kind has hits. */
function sayNothing(found: Found, output: Output, reach: string | undefined): void {
  output.say(
    reach === undefined ? "Nothing found." : `Nothing found in what this token may read: ${plain(reach)}.`,
  );
  const advice = Object.values(found).flatMap(({ partial, note }) => (partial ? [] : (note ?? [])));
  for (const sentence of new Set(advice)) output.say(plain(inCommands(sentence)));
}

function knowledgeText(hit: KnowledgeHit, output: Output): string {
  const head = [
    output.paint("cyan", plain(hit.anchor)),
    output.paint("dim", formatTime(hit.time)),
    plain(hit.title),
  ];
  return hitText(head, hit, output);
}

function sessionText(hit: SessionHit, output: Output): string {
  const more = hit.more_lines ?? [];
  const also = more.length === 0 ? "" : `also ${more.length === 1 ? "line" : "lines"} ${more.join(", ")}`;
  const head = [
    output.paint("cyan", plain(hit.anchor)),
    output.paint("dim", formatTime(hit.time)),
    hit.role,
    also,
  ];
  return hitText(head, hit, output);
}

interface Shown {
  snippet: string;
  score?: number | undefined;
  why?: Why[] | undefined;
}

function hitText(head: readonly string[], { snippet, score, why }: Shown, output: Output): string {
  const lines = [head.filter((part) => part !== "").join("  "), `    ${plain(snippet)}`];
  if (why !== undefined) {
    const shares = why.map((share) => `${plain(share.word)} ${share.score}`).join(", ");
    lines.push(output.paint("dim", `    score ${score ?? 0}: ${shares}`));
  }
  return lines.join("\n");
}

function explainText(kind: string, explain: SearchExplain, output: Output): string {
  const { query, documents, ms } = explain;
  const { indexed, scanned, skipped } = documents;
  const verb = kind === "sessions" ? "were" : "was";
  return [
    output.paint("bold", `How ${kind} ${verb} searched, in ${ms.toFixed(1)} ms`),
    `understood (${query.mode}): ${plain(query.text)}`,
    ...named("words", query.words),
    ...named("filters", query.filters),
    `documents: ${indexed} in the index, ${scanned} looked through, ${skipped} not looked at`,
    ...explain.not_searched.map((sentence) => `not searched: ${plain(inCommands(sentence))}`),
    stepsTable(explain, output),
  ].join("\n");
}

const STEPS = [
  { title: "step" },
  { title: "left", align: "right" },
  { title: "ms", align: "right" },
  { title: "" },
] as const;

function stepsTable({ legs }: SearchExplain, output: Output): string {
  const rows = legs.map(({ name, candidates, ms, note }) => [
    name,
    `${candidates}`,
    ms.toFixed(1),
    note ?? "",
  ]);
  return output.table(STEPS, rows);
}

function named(name: string, values: readonly string[]): string[] {
  return values.length === 0 ? [] : [`${name}: ${values.map(plain).join(", ")}`];
}

function sayRest(kind: string, answer: KnowledgeAnswer | SessionAnswer, output: Output): void {
  if (answer.partial)
    output.warn(`${kind}: ${plain(answer.note ?? "not everything could be searched in time")}`);
  if (answer.next_cursor !== undefined)
    output.say(`More ${kind}: add --${kind} --cursor ${answer.next_cursor}`);
}
