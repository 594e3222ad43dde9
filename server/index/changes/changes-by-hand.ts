import { AppError } from "../../../contract/errors.ts";
import { LIMITS } from "../../../contract/limits.ts";
import { isSystemError } from "../../../disk/errno.ts";
import { FolderSync } from "../../../disk/folder-sync.ts";
import { AREAS, type Area } from "../../knowledge/area.ts";
import { isCanonical } from "../../knowledge/walk.ts";
import { LAYOUT, parseArchiveName } from "../../storage/layout.ts";
import type { Finder } from "./finder.ts";
import type { FolderWatches, Happened } from "./folder-watches.ts";
import type { FromWriter } from "../messages.ts";
import { watchSessions } from "./watch-sessions.ts";

interface FollowParts {
  root: string;
  watches: FolderWatches;
  finder: Finder;
  say: (message: FromWriter) => void;
}

/** A watched folder: `workspaces/<id>`, or one below its documents or sessions, and what changed in it, if that is known. */
interface Change {
  folder: string;
  workspaceId: string;
  below: readonly string[];
  names: ReadonlySet<string> | undefined;
}

/** Looks at what the watches tell: at single files, or at whole folders where that does not say enough. */
export function follow(parts: FollowParts, happened: Happened): void {
  for (const [folder, names] of happened) {
    const [, workspaceId, top, ...below] = folder.split("/");
    if (workspaceId === undefined) {
      amongWorkspaces(parts, names);
      continue;
    }
    const change = { folder, workspaceId, below, names };
    const area = AREAS.find(({ current }) => current === top);
    if (top === undefined) inWorkspace(parts, change);
    else if (area !== undefined) inArea(parts, area, change);
    else inSessions(parts, change);
  }
}

function amongWorkspaces({ watches, finder, say }: FollowParts, names: Change["names"]): void {
  // Its own name: the folder was moved away or deleted.
  if (names === undefined || names.has(LAYOUT.workspaces)) {
    watches.remove(LAYOUT.workspaces);
    finder.walk();
    return;
  }
  for (const workspaceId of names) {
    if (!finder.knows(workspaceId)) continue;
    watches.remove(`${LAYOUT.workspaces}/${workspaceId}`);
    finder.walkOne(workspaceId);
    say({ type: "touched", workspaceId, sessionIds: undefined });
  }
}

function inWorkspace(parts: FollowParts, { folder, workspaceId, names }: Change): void {
  const { watches, finder } = parts;
  const isTold = (name: string) => names === undefined || names.has(name);
  const told = AREAS.filter(({ current }) => isTold(current));
  for (const { current } of told) watches.remove(`${folder}/${current}`);
  // The knowledge's, which comes first, is "": everything is compared then, the memories and the overview too.
  const above = told[0]?.prefix;
  if (above !== undefined) finder.compare(workspaceId, above);
  if (above !== "" && isTold(LAYOUT.overview)) finder.look({ workspaceId, path: "" });
  if (isTold(LAYOUT.sessions)) {
    watches.remove(`${folder}/${LAYOUT.sessions}`);
    lookAtSessions(parts, workspaceId);
  }
}

function inArea({ root, watches, finder }: FollowParts, { prefix }: Area, change: Change): void {
  const { folder, workspaceId, below, names } = change;
  const above = `${prefix}${below.map((name) => `${name}/`).join("")}`;
  if (names === undefined || names.size > LIMITS.index.gatherNames) {
    watches.remove(folder);
    finder.compare(workspaceId, above);
    return;
  }
  for (const name of names) {
    const path = `${above}${name}`;
    if (!isCanonical(path)) continue;
    const place = `${folder}/${name}`;
    if (watches.has(place) || isFolder(root, folder, name)) {
      watches.remove(place);
      finder.compare(workspaceId, `${path}/`);
    }
    finder.look({ workspaceId, path });
  }
}

function inSessions(parts: FollowParts, { folder, workspaceId, below, names }: Change): void {
  // A month's folder holds no folders.
  if (below.length < 2) for (const name of names ?? []) parts.watches.remove(`${folder}/${name}`);
  if (below.length < 2) lookAtSessions(parts, workspaceId);
  else parts.say({ type: "touched", workspaceId, sessionIds: sessionsOf(names) });
}

function sessionsOf(names: Change["names"]): string[] | undefined {
  return names && [...names].flatMap((name) => parseArchiveName(name)?.sessionId ?? []);
}

/** Watched first, so that whoever looks then misses nothing. */
function lookAtSessions({ root, watches, say }: FollowParts, workspaceId: string): void {
  say({ type: "watched", workspaceId, isWatched: watchSessions(root, watches, workspaceId) });
  say({ type: "touched", workspaceId, sessionIds: undefined });
}

function isFolder(root: string, folder: string, name: string): boolean {
  try {
    using above = FolderSync.enter(root, ...folder.split("/"));
    return above.look(name)?.isDirectory() === true;
  } catch (error) {
    if (error instanceof AppError || isSystemError(error)) return false;
    throw error;
  }
}
