import type { WorkspaceName } from "../../contract/wire.ts";

const MACHINES = ["laptop", "desktop", "studio", "buildbox"];
const TOOLS = ["claude-code", "codex"] as const;
const PROJECTS = ["webshop", "orchard", "ledger", "atlas", "handbook"];

/** Which of the two clients wrote a session. */
export type Client = (typeof TOOLS)[number];

export interface CorpusWorkspace extends WorkspaceName {
  tool: Client;
}

/** The twenty workspaces that documents are dealt to, one after the other: every machine has every project, with one of the tools. */
export const WORKSPACES: readonly CorpusWorkspace[] = MACHINES.flatMap((machine, row) =>
  PROJECTS.map((project, column) => ({ machine, project, tool: TOOLS[(row + column) % 2] ?? TOOLS[0] })),
);

/** The workspace of document number `index`. */
export function workspaceOf(index: number): CorpusWorkspace {
  const workspace = WORKSPACES[index % WORKSPACES.length];
  if (workspace === undefined) throw new RangeError(`no workspace for document ${index}`);
  return workspace;
}

/** The moment before which everything was written. */
const NOW_MS = Date.UTC(2026, 10, 1);
const SPAN_MS = 730 * 24 * 60 * 60 * 1000;

/** A moment of the two years that a corpus spans; `share` of them, from 0 to 1. */
export function momentAt(share: number): Date {
  return new Date(NOW_MS - Math.floor(SPAN_MS * share));
}
