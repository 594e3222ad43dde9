import { byteLength } from "../../contract/names.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { WorkspacePage, WorkspaceSummary } from "../../contract/wire.ts";
import { takeFitting } from "../storage/fitting.ts";
import type { StoredText } from "./stored-text.ts";
import { FRAMED_TEXT_BYTES } from "./text-range.ts";

interface Overview {
  readme: string;
  index: string;
  workspaces: WorkspacePage;
}

/** Everything at a glance: the owner's README and index, then the workspaces, as many as one answer holds. */
export function overviewText({ readme, index, workspaces }: Overview): StoredText {
  const head = [section("README.md", readme), section("INDEX.md", index), "# Workspaces\n"].join("\n");
  const { entries, next_cursor } = workspaces;
  const lines = fittingLines(entries, FRAMED_TEXT_BYTES - byteLength(head));
  const left = entries.length - lines.length;
  const complete = left === 0 && next_cursor === undefined;
  return {
    source: `Overview of this memory: README.md, INDEX.md and ${complete ? "" : "the first "}${lines.length} workspaces in your scope`,
    text: head + (lines.length === 0 ? "None yet.\n" : lines.join("\n")),
    more: complete
      ? "More on one workspace: get_overview with its workspace_id."
      : "Not all workspaces fit here: list_workspaces shows every one, by page.",
  };
}

/** With summaries if all fit so; else with short ones; else as many as fit. */
function fittingLines(entries: readonly WorkspaceSummary[], budgetBytes: number): string[] {
  const full = entries.map((entry) => workspaceLine(entry, Number.POSITIVE_INFINITY));
  if (byteLength(full.join("\n")) <= budgetBytes) return full;
  const short = entries.map((entry) => workspaceLine(entry, LIMITS.answer.shortSummaryChars));
  return takeFitting(short, short.length, budgetBytes);
}

function workspaceLine(entry: WorkspaceSummary, summaryChars: number): string {
  const facts = `${entry.knowledge_files} knowledge files, ${entry.sessions} sessions, last activity ${entry.last_activity}`;
  const summary = (entry.summary ?? entry.description ?? "").replaceAll(/\s+/g, " ");
  const shown = summary.length > summaryChars ? `${summary.slice(0, summaryChars).toWellFormed()}…` : summary;
  return `- ${entry.workspace_id}: ${facts}${shown === "" ? "" : `\n  ${shown}`}`;
}

function section(name: string, text: string): string {
  if (text.trim() === "") return "";
  const bytes = Buffer.from(text);
  const { globalPageBytes } = LIMITS.answer;
  if (bytes.length <= globalPageBytes) return `# ${name}\n\n${text.trim()}\n`;
  const shown = new TextDecoder().decode(bytes.subarray(0, globalPageBytes), { stream: true });
  return `# ${name}\n\n${shown}\n[${name} has ${bytes.length} bytes; the first ${globalPageBytes} are shown]\n`;
}
