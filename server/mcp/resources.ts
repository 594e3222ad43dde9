import {
  type ListResourcesResult,
  type ReadResourceResult,
  ResourceNotFoundError,
  type ResourceTemplateType,
} from "@modelcontextprotocol/server";
import {
  type Anchor,
  knowledgeAnchor,
  overviewAnchor,
  parseAnchor,
  sessionAnchor,
} from "../../contract/anchor.ts";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { SessionLines, TextLines } from "../../contract/wire.ts";
import type { ReadableWorkspace, TextRange } from "../access/workspace.ts";
import type { Reach } from "./opening.ts";

const MARKDOWN = "text/markdown";
const PLAIN = "text/plain";

export const RESOURCE_TEMPLATE: ResourceTemplateType = {
  name: "memory",
  title: "Overview, knowledge file, memory or session of a workspace",
  description:
    "path is overview.md, knowledge/<path of the file>, memories/<path of the memory> or sessions/<session id>; #L12 or #L12-34 gives only these lines",
  uriTemplate: "memory://{workspace_id}/{+path}",
  mimeType: MARKDOWN,
};

interface TextContent {
  [key: string]: unknown;
  uri: string;
  mimeType: string;
  text: string;
}

/** One entry per workspace: its overview. The files in it are found through the tools or the template's completion. */
export async function listResources(
  { directory }: Reach,
  cursor: string | undefined,
): Promise<ListResourcesResult> {
  const { entries, next_cursor } = await directory.workspaces({ cursor });
  return {
    resources: entries.map((entry) => ({
      uri: overviewAnchor(entry.workspace_id),
      name: entry.workspace_id,
      title: `Overview of ${entry.workspace_id}`,
      description: `${entry.knowledge_files} knowledge files, ${entry.sessions} sessions`,
      mimeType: MARKDOWN,
      annotations: { lastModified: entry.last_activity },
    })),
    ...(next_cursor !== undefined && { nextCursor: next_cursor }),
  };
}

/** Gives a stored text, up to the most an answer may hold; a second entry says where the rest is. */
export async function readResource({ read }: Reach, uri: string): Promise<ReadResourceResult> {
  const address = parseAnchor(uri);
  if (address === undefined) throw notFound(uri);
  try {
    return { contents: await contentsOf(read(address.workspaceId), address, uri) };
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") throw notFound(uri);
    throw error;
  }
}

/** The address is repeated as data only: in a message it could hide or reorder what stands around it. */
function notFound(uri: string): ResourceNotFoundError {
  return new ResourceNotFoundError(
    uri,
    "Resource not found; resources/list and resources/templates/list show what there is",
  );
}

async function contentsOf(
  workspace: ReadableWorkspace,
  address: Anchor,
  uri: string,
): Promise<TextContent[]> {
  const range = rangeOf(address);
  switch (address.kind) {
    case "overview":
      return textContents(
        uri,
        MARKDOWN,
        await overviewPage(workspace, range),
        overviewAnchor(address.workspaceId),
      );
    case "knowledge": {
      const page = await workspace.readKnowledge(address.path, {}, range);
      return textContents(uri, MARKDOWN, page, knowledgeAnchor(address.workspaceId, address.path));
    }
    case "session": {
      const page = await workspace.readSession(address.sessionId, "conversation", range);
      return textContents(uri, PLAIN, page, sessionAnchor(address.workspaceId, address.sessionId));
    }
    default:
      return address satisfies never;
  }
}

/** A whole session is longer than anyone wants at once, so without lines it is one ordinary page. */
function rangeOf({ kind, lines }: Anchor): TextRange {
  const max_bytes = kind === "session" ? LIMITS.answer.defaultBytes : LIMITS.answer.maxBytes;
  if (lines === undefined) return { max_bytes };
  return { from_line: lines.first, max_lines: lines.last - lines.first + 1, max_bytes };
}

/** Every workspace is listed by its overview, so one that nobody has written yet reads as a page that says so. */
async function overviewPage(
  workspace: ReadableWorkspace,
  range: TextRange,
): Promise<Pick<TextLines, "text">> {
  try {
    return await workspace.pageOverview({}, range);
  } catch (error) {
    if (!(error instanceof AppError && error.code === "not_found")) throw error;
    const { knowledge_files, sessions } = await workspace.summary();
    return {
      text: `# ${workspace.id}\n\nNo overview has been written yet. ${knowledge_files} knowledge files, ${sessions} sessions.\n`,
    };
  }
}

function textContents(
  uri: string,
  mimeType: string,
  page: Pick<TextLines | SessionLines, "text" | "next_line">,
  whole: string,
): TextContent[] {
  const content = { uri, mimeType, text: page.text };
  if (page.next_line === undefined || uri.includes("#")) return [content];
  const rest = `${whole}#L${page.next_line}-${page.next_line + LIMITS.mcp.resourceLines - 1}`;
  return [
    content,
    { uri: rest, mimeType: PLAIN, text: `The text goes on at line ${page.next_line}: read ${rest}` },
  ];
}
