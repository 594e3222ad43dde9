import type { Archive } from "../../sessions/session.ts";
import { shared } from "../../sessions/shared-texts.ts";
import { isHeld } from "../is-held.ts";
import type { HeldArchive, SettledArchive } from "../messages.ts";

/** What of some workspaces' sessions the index can speak for. */
export interface SessionCoverage {
  /** The database whose ids these are. Undefined when there is none. */
  generation: string | undefined;
  /** Archives that the index holds as they are, by their ids in it. */
  held: ReadonlyMap<number, Archive>;
  /** All others: to be searched by reading. Newest first. */
  missing: readonly Archive[];
}

/** One workspace's archives beside what the index holds. */
export interface SessionView {
  archives: readonly Archive[];
  held: ReadonlyMap<number, Archive>;
  /** Newest first. */
  missing: readonly Archive[];
  /** In the index, and not there any more. */
  gone: readonly HeldArchive[];
}

const NO_ROWS: ReadonlyMap<string, HeldArchive> = new Map();

/** Knows, for whoever searches, which archives are in the index as they are. */
export class HeldSessions {
  #generation: string | undefined;
  /** By workspace, then by the id of the session. */
  readonly #rows = new Map<string, Map<string, HeldArchive>>();
  readonly #views = new Map<string, SessionView>();
  #last: { views: readonly SessionView[]; coverage: SessionCoverage } | undefined;

  /** Another database is open, or `undefined`: none. */
  begin(opened: { generation: string; archives: readonly HeldArchive[] } | undefined): void {
    this.#generation = opened?.generation;
    this.#rows.clear();
    this.#views.clear();
    this.#last = undefined;
    for (const row of opened?.archives ?? []) this.#put(row);
  }

  /** Workspaces of which the index holds sessions. */
  get workspaces(): string[] {
    return [...this.#rows.keys()];
  }

  settle(settled: readonly SettledArchive[]): void {
    for (const { session, held } of settled) {
      this.#views.delete(session.workspaceId);
      if (held !== undefined) this.#put(held);
      else this.#rows.get(session.workspaceId)?.delete(session.sessionId);
    }
  }

  /** Why the index does not hold an archive, if it has been tried. */
  fault({ workspaceId, sessionId, sha256, lines }: Archive): string | undefined {
    const row = this.#rows.get(workspaceId)?.get(sessionId);
    return row?.sha256 === sha256 && row.lines === lines ? row.fault : undefined;
  }

  /** What could not be indexed of a workspace, or of these sessions of it, counts as not tried. */
  forgetFaults(workspaceId: string, sessionIds?: readonly string[]): void {
    const rows = this.#rows.get(workspaceId);
    for (const sessionId of sessionIds ?? [...(rows?.keys() ?? [])]) {
      if (rows?.get(sessionId)?.fault === undefined) continue;
      rows.delete(sessionId);
      this.#views.delete(workspaceId);
    }
  }

  /** The same object as long as nothing changes. */
  view(workspaceId: string, archives: readonly Archive[]): SessionView {
    const known = this.#views.get(workspaceId);
    if (known?.archives === archives) return known;
    const view = viewOf(archives, this.#rows.get(workspaceId) ?? NO_ROWS);
    this.#views.set(workspaceId, view);
    return view;
  }

  /** The same object as long as nothing changes: searches that follow on one another ask for the same. */
  together(views: readonly SessionView[]): SessionCoverage {
    const last = this.#last;
    const isSame =
      last?.views.length === views.length && views.every((view, index) => view === last.views[index]);
    if (isSame && last !== undefined) return last.coverage;
    const held = together(views.map((view) => view.held));
    const missing = views.flatMap((view) => view.missing).sort((a, b) => b.startedMs - a.startedMs);
    const coverage = { generation: this.#generation, held, missing };
    this.#last = { views, coverage };
    return coverage;
  }

  #put(row: HeldArchive): void {
    const workspaceId = shared(row.workspaceId);
    const rows = this.#rows.get(workspaceId) ?? new Map<string, HeldArchive>();
    this.#rows.set(workspaceId, rows.set(row.sessionId, { ...row, workspaceId }));
  }
}

/** Most have one workspace, or search in one: then there is nothing to copy. */
function together(held: readonly ReadonlyMap<number, Archive>[]): ReadonlyMap<number, Archive> {
  const [only, ...others] = held;
  if (only !== undefined && others.length === 0) return only;
  return new Map(held.flatMap((each) => Array.from(each)));
}

function viewOf(archives: readonly Archive[], rows: ReadonlyMap<string, HeldArchive>): SessionView {
  const held = new Map<number, Archive>();
  const missing: Archive[] = [];
  const gone = new Map(rows);
  for (const archive of archives) {
    const row = gone.get(archive.sessionId);
    gone.delete(archive.sessionId);
    if (row !== undefined && isHeld(row, archive)) {
      held.set(row.id, archive);
      // The same digest, in memory once instead of twice for each session there is.
      row.sha256 = archive.sha256;
    } else missing.push(archive);
  }
  return { archives, held, missing, gone: [...gone.values()] };
}
