import { homedir } from "node:os";
import { slugify } from "../../contract/names.ts";
import type { Manifest } from "../../contract/manifest.ts";
import type { Transcript } from "./find.ts";
import { contains, projectOf, spellingsOf, type Spellings } from "./project.ts";

/** Where a transcript belongs. */
export interface TranscriptWorkspace {
  machine: string;
  tool: string;
  project: string;
  /** Set when a manifest claims it; then the names are the manifest's. */
  workspace_id?: string;
}

export interface WorkspaceContext {
  manifests: readonly Manifest[];
  /** Name of this machine, for what no manifest claims. */
  machine: string;
  /** What `~` stands for in manifests. */
  userHome?: string;
}

/** A manifest and a folder it claims. */
interface Claim {
  manifest: Manifest;
  folder: Spellings;
}

/**
 * The workspace of a transcript: that of the manifest of the same tool whose `cwd` holds the transcript's folder (the
 * longest wins; the worktrees of a repository count as one), else this machine, the client and the project.
 */
export async function workspaceFor(
  transcript: { client: string } & Pick<Transcript, "cwd" | "repository">,
  context: WorkspaceContext,
): Promise<TranscriptWorkspace> {
  const { client, cwd } = transcript;
  const userHome = context.userHome ?? homedir();
  const manifest =
    cwd === undefined
      ? undefined
      : claimant(await spellingsOf(cwd, userHome), await claimsOf(client, context.manifests, userHome));
  if (manifest === undefined)
    return { machine: context.machine, tool: client, project: await projectOf(transcript, userHome) };
  const { machine, tool, project, workspace_id } = manifest;
  return { machine, tool, project, workspace_id };
}

async function claimsOf(client: string, manifests: readonly Manifest[], userHome: string): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (const manifest of manifests) {
    if (manifest.cwd === undefined || slugify(manifest.tool) !== client) continue;
    const folder = await spellingsOf(
      manifest.cwd.replace(/^~(?=$|[\\/])/, () => userHome),
      userHome,
    );
    if (folder !== undefined) claims.push({ manifest, folder });
  }
  return claims;
}

/** A manifest of the worktree itself wins over that of the main worktree, and that over one of a third worktree. */
function claimant(folder: Spellings | undefined, claims: readonly Claim[]): Manifest | undefined {
  if (folder === undefined) return undefined;
  const holds = (claim: string): boolean => contains(claim, folder.main);
  return (
    longest(claims, ({ own }) => own.filter((path) => folder.own.some((each) => contains(path, each)))) ??
    longest(claims, ({ own }) => own.filter(holds)) ??
    longest(claims, ({ main }) => [main].filter(holds))
  );
}

function longest(claims: readonly Claim[], holding: (folder: Spellings) => string[]): Manifest | undefined {
  let best: { manifest: Manifest; length: number } | undefined;
  for (const { manifest, folder } of claims) {
    const length = Math.max(-1, ...holding(folder).map((path) => path.length));
    if (length > (best?.length ?? -1)) best = { manifest, length };
  }
  return best?.manifest;
}
