import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { presentable } from "../../contract/secrets.ts";
import type { WorkspaceSummary } from "../../contract/wire.ts";
import { unlessUnreadable } from "../storage/unreadable.ts";
import type { Identity } from "../workspaces/workspace.ts";
import type { Domain } from "./domain.ts";

/** A workspace in a listing: counts, last activity, the first paragraph of its overview. */
export async function summaryOf(domain: Domain, workspace: Identity): Promise<WorkspaceSummary> {
  const { id, machine, tool, project, description, created_at } = workspace;
  const [knowledge, sessions, overview] = await Promise.all([
    orElse(domain.knowledge.counts(id), undefined),
    orElse(domain.sessions.counts(id), { sessions: 0, bytes: 0 }),
    orElse(domain.knowledge.readOverview(id), undefined),
  ]);
  const summary = firstParagraph(overview?.bytes.toString("utf8") ?? "");
  const activity = [new Date(created_at), knowledge?.lastModified, sessions.lastActivity, overview?.modified];
  const last = Math.max(...activity.map((time) => time?.getTime() ?? 0));
  return {
    workspace_id: id,
    machine,
    tool,
    project,
    ...(description !== undefined && { description }),
    ...(summary !== "" && { summary }),
    created_at,
    last_activity: new Date(last).toISOString(),
    knowledge_files: knowledge?.files ?? 0,
    sessions: sessions.sessions,
    bytes: (knowledge?.bytes ?? 0) + sessions.bytes,
  };
}

/** What cannot be read of one workspace must not hide the other workspaces of a listing. */
async function orElse<T>(reading: Promise<T>, otherwise: T): Promise<T> {
  try {
    return (await unlessUnreadable(reading)) ?? otherwise;
  } catch (error) {
    if (error instanceof AppError) return otherwise;
    throw error;
  }
}

const HEADING = /^#+ /;

/** The first lines that are neither headings nor blank, as one may show them. Front matter does not count. */
export function firstParagraph(markdown: string): string {
  const paragraph: string[] = [];
  for (const line of withoutFrontMatter(markdown).split(/\r?\n/)) {
    const isText = line.trim() !== "" && !HEADING.test(line);
    if (isText) paragraph.push(line);
    else if (paragraph.length > 0) break;
  }
  // Masked before it is cut: half a secret would not be recognised.
  const text = presentable(paragraph.join("\n").trim());
  const { summaryChars } = LIMITS.answer;
  return text.length > summaryChars ? `${text.slice(0, summaryChars).toWellFormed()}…` : text;
}

function withoutFrontMatter(markdown: string): string {
  const fence = "\n---\n";
  const end = markdown.startsWith("---\n") ? markdown.indexOf(fence, "---".length) : -1;
  return end === -1 ? markdown : markdown.slice(end + fence.length);
}
