import { AppError } from "../../contract/errors.ts";
import { WorkspaceId } from "../../contract/ids.ts";
import { addressOf, isMemory, MEMORIES } from "../../contract/memory-prefix.ts";
import type { Reach } from "./opening.ts";

const KNOWLEDGE = "knowledge/";

/** The most values the protocol lets one completion give. */
const VALUES = 100;

interface Completion {
  [key: string]: unknown;
  values: string[];
  total: number;
  hasMore: boolean;
}

/** Completes a variable of the resource template, or the prompts' argument of the same name. */
export async function complete(
  reach: Reach,
  { name, value }: { name: string; value: string },
  workspaceId: string | undefined,
): Promise<Completion> {
  if (name === "workspace_id") return completeWorkspaceId(reach, value);
  return name === "path" ? completePath(reach, value, workspaceId) : completion([]);
}

/** Workspace ids in the caller's scope that contain what was typed; those that begin with it come first. */
async function completeWorkspaceId({ directory }: Reach, typed: string): Promise<Completion> {
  const { entries } = await directory.workspaces({});
  const ids = entries.map((entry) => entry.workspace_id).filter((id) => id.includes(typed));
  return completion([
    ...ids.filter((id) => id.startsWith(typed)),
    ...ids.filter((id) => !id.startsWith(typed)),
  ]);
}

/** Paths of a workspace as they stand in a `memory://` address: overview, knowledge files, memories, newest sessions. */
async function completePath(
  reach: Reach,
  typed: string,
  workspaceId: string | undefined,
): Promise<Completion> {
  const id = WorkspaceId.safeParse(workspaceId).data;
  if (id === undefined) return completion([]);
  try {
    const workspace = reach.read(id);
    const [knowledge, sessions] = await Promise.all([
      workspace.listKnowledge({ prefix: prefixOf(typed) }),
      workspace.listSessions({}),
    ]);
    const paths = [
      "overview.md",
      ...knowledge.entries.map(({ path }) => addressOf(path)),
      ...sessions.entries.map(({ session_id }) => `sessions/${session_id}`),
    ];
    return completion(paths.filter((path) => path.startsWith(typed)));
  } catch (error) {
    // Somebody is typing: a workspace that cannot be opened just has nothing to offer.
    if (error instanceof AppError) return completion([]);
    throw error;
  }
}

function completion(values: string[]): Completion {
  return { values: values.slice(0, VALUES), total: values.length, hasMore: values.length > VALUES };
}

/** What the path of a document begins with whose address begins so, as far as that is known. */
function prefixOf(typed: string): string | undefined {
  const isPlain = !typed.includes("%");
  if (typed.startsWith(KNOWLEDGE) && isPlain) return typed.slice(KNOWLEDGE.length);
  if (isMemory(`/${typed}`) && isPlain) return `/${typed}`;
  return typed !== "" && MEMORIES.startsWith(`/${typed}`) ? MEMORIES : undefined;
}
