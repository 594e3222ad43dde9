import { AppError } from "../../contract/errors.ts";
import { maskSecrets, showInvisible } from "../../contract/secrets.ts";
import type { WorkspaceSummary } from "../../contract/wire.ts";
import type { Identity } from "../workspaces/workspace.ts";
import type { Domain } from "./domain.ts";

const SUMMARY_CHARS = 600;

/** Stored text as a reader may see it: our own secrets masked, deceptive characters shown. */
export function presentable(text: string): string {
  return showInvisible(maskSecrets(text));
}

/** A workspace in a listing: counts, last activity, the first paragraph of its overview. */
export async function summaryOf(domain: Domain, workspace: Identity): Promise<WorkspaceSummary> {
  const [knowledge, sessions, overview] = await Promise.all([
    domain.knowledge.counts(workspace.id),
    domain.sessions.counts(workspace.id),
    overviewText(domain, workspace.id),
  ]);
  const summary = firstParagraph(overview.text);
  const activity = [
    new Date(workspace.created_at),
    knowledge.lastModified,
    sessions.lastActivity,
    overview.modified,
  ];
  const last = Math.max(...activity.map((time) => time?.getTime() ?? 0));
  return {
    workspace_id: workspace.id,
    machine: presentable(workspace.machine),
    tool: presentable(workspace.tool),
    project: presentable(workspace.project),
    ...(workspace.description !== undefined && { description: presentable(workspace.description) }),
    ...(summary !== "" && { summary }),
    created_at: workspace.created_at,
    last_activity: new Date(last).toISOString(),
    knowledge_files: knowledge.files,
    sessions: sessions.sessions,
    bytes: knowledge.bytes + sessions.bytes,
  };
}

async function overviewText(domain: Domain, workspaceId: string): Promise<{ text: string; modified?: Date }> {
  try {
    const { bytes, modified } = await domain.knowledge.readOverview(workspaceId, {});
    return { text: bytes.toString("utf8"), modified };
  } catch (error) {
    // One bad overview must not hide the other workspaces of a listing.
    if (error instanceof AppError) return { text: "" };
    throw error;
  }
}

/** The first paragraph that is not a heading. */
function firstParagraph(markdown: string): string {
  const paragraphs = markdown.replace(/^---\n[\s\S]*?\n---\n/, "").split(/\r?\n\s*\r?\n/);
  const text =
    paragraphs
      .map((paragraph) => paragraph.replace(/^#+ .*$/gm, "").trim())
      .find((paragraph) => paragraph !== "") ?? "";
  return presentable(text.length > SUMMARY_CHARS ? `${text.slice(0, SUMMARY_CHARS)}…` : text);
}
