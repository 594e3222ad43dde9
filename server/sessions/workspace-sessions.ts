import { foldCase } from "../../contract/names.ts";
import {
  archiveAt,
  archiveFor,
  isAlias,
  newestFirst,
  orderOf,
  type Archive,
  type StoredSession,
} from "./session.ts";

/** What is known of one workspace's sessions. Callers only look. */
export class WorkspaceSessions {
  /** By month, then by base name. */
  readonly #months = new Map<string, MonthSessions>();
  #index: Index | undefined;
  /** Made when something is stored: years of sessions lie there of which nobody asks this. */
  #contents: Contents | undefined;
  #newest: StoredSession[] | undefined;
  /** Of the sessions in `#newest`. */
  #archives: Archives | undefined;

  /** All revisions of a session, the newest first; none when it does not exist. */
  revisions(sessionId: string): readonly StoredSession[] {
    return this.#indexed().byId.get(sessionId) ?? [];
  }

  /** The newest revision of every session, newest session first. */
  newest(): readonly StoredSession[] {
    if (this.#newest !== undefined) return this.#newest;
    this.#archives = undefined;
    this.#newest = [...this.#indexed().byId.values()]
      .flatMap(([newest]) => newest ?? [])
      .sort((a, b) => newestFirst(orderOf(a), orderOf(b)));
    return this.#newest;
  }

  /** Every archive that can be read once, by the session it belongs to, else by an alias, newest first. */
  archives(): readonly Archive[] {
    return this.#bothArchives().readable;
  }

  /** The same of those that are known to be damaged. */
  damaged(): readonly Archive[] {
    return this.#bothArchives().damaged;
  }

  #bothArchives(): Archives {
    if (this.#newest !== undefined && this.#archives !== undefined) return this.#archives;
    const isDamaged = ({ damaged }: StoredSession) => damaged !== undefined;
    const [damaged, readable] = [
      this.newest().filter(isDamaged),
      this.newest().filter((each) => !isDamaged(each)),
    ];
    this.#archives = { readable: archivesOf(readable), damaged: archivesOf(damaged) };
    return this.#archives;
  }

  /** All revisions of all sessions, in no order. */
  *all(): Generator<StoredSession> {
    for (const revisions of this.#indexed().byId.values()) yield* revisions;
  }

  /** Those among them whose facts name this content. */
  withDigest(sha256: string): readonly StoredSession[] {
    return this.#contentsNow().byDigest.get(sha256) ?? [];
  }

  /** Another id that a file system which ignores case would take for this one. */
  twinOf(sessionId: string): string | undefined {
    const id = this.#contentsNow().folds.get(foldCase(sessionId));
    return id === sessionId ? undefined : id;
  }

  month(key: string): MonthSessions | undefined {
    return this.#months.get(key);
  }

  setMonth(key: string, month: MonthSessions): void {
    this.#months.set(key, month);
    this.#index = undefined;
    this.#newest = undefined;
  }

  keepMonths(keys: ReadonlySet<string>): void {
    for (const key of this.#months.keys()) {
      if (keys.has(key) || !this.#months.delete(key)) continue;
      this.#index = undefined;
      this.#newest = undefined;
    }
  }

  /** Adds or replaces one session, which leaves its month's folder as of `modified`. */
  put(session: StoredSession, modified: bigint): void {
    const key = monthOf(session);
    const month = this.#months.get(key) ?? { modified, sessions: new Map(), damaged: new Map() };
    month.sessions.set(session.place.base, session);
    if (session.damaged === undefined) month.damaged.delete(session.place.base);
    else month.damaged.set(session.place.base, session);
    month.modified = modified;
    this.#months.set(key, month);
    this.#newest = undefined;
    if (this.#index === undefined) return;
    if (this.#index.orphans.has(session.facts.archive)) {
      this.#index = undefined;
      return;
    }
    const before = addTo(this.#index, session);
    if (this.#contents?.of !== this.#index) return;
    if (before !== undefined) removeFrom(this.#contents.byDigest, before);
    addContent(this.#contents, session);
  }

  /** Built anew only when a folder changed: many uploads in a row must not each cost as much as there are sessions. */
  #indexed(): Index {
    if (this.#index !== undefined) return this.#index;
    const sessions = [...this.#months.values()].flatMap((month) => Array.from(month.sessions.values()));
    const archives = new Set(
      sessions.filter((session) => !isAlias(session)).map(({ place }) => archiveAt(place)),
    );
    this.#index = { byId: new Map(), orphans: new Set() };
    for (const session of sessions) {
      if (archives.has(session.facts.archive)) addTo(this.#index, session);
      else this.#index.orphans.add(session.facts.archive);
    }
    return this.#index;
  }

  #contentsNow(): Contents {
    const index = this.#indexed();
    if (this.#contents?.of === index) return this.#contents;
    this.#contents = { of: index, byDigest: new Map(), folds: new Map() };
    for (const revisions of index.byId.values())
      for (const session of revisions) addContent(this.#contents, session);
    return this.#contents;
  }
}

export interface MonthSessions {
  /** When the folder was changed last, in nanoseconds; anything else when it has to be read again. */
  modified: bigint;
  sessions: Map<string, StoredSession>;
  /** Those of them whose bytes are lost. */
  damaged: Map<string, StoredSession>;
}

interface Archives {
  readable: readonly Archive[];
  damaged: readonly Archive[];
}

/** Each once. */
function archivesOf(sessions: readonly StoredSession[]): Archive[] {
  const own = new Set(sessions.filter((session) => !isAlias(session)).map(({ place }) => archiveAt(place)));
  return sessions.filter((session) => !isAlias(session) || !own.has(session.facts.archive)).map(archiveFor);
}

interface Index {
  byId: Map<string, StoredSession[]>;
  /** Archives that aliases name and that are not there; such aliases do not count. */
  orphans: Set<string>;
}

/** What an upload is compared with. */
interface Contents {
  of: Index;
  byDigest: Map<string, StoredSession[]>;
  folds: Map<string, string>;
}

/** Gives the session of the same place that it replaces. */
function addTo({ byId }: Index, session: StoredSession): StoredSession | undefined {
  const { session_id: id } = session.facts;
  const revisions = byId.get(id) ?? [];
  const before = revisions.find(({ place }) => place.base === session.place.base);
  const others = revisions.filter((revision) => revision !== before);
  byId.set(
    id,
    [session, ...others].sort((a, b) => b.facts.revision - a.facts.revision),
  );
  return before;
}

function addContent({ byDigest, folds }: Contents, session: StoredSession): void {
  const { session_id: id, sha256 } = session.facts;
  const same = byDigest.get(sha256);
  if (same === undefined) byDigest.set(sha256, [session]);
  else same.push(session);
  folds.set(foldCase(id), id);
}

function removeFrom(byDigest: Contents["byDigest"], session: StoredSession): void {
  const { sha256 } = session.facts;
  const others = (byDigest.get(sha256) ?? []).filter((other) => other !== session);
  if (others.length > 0) byDigest.set(sha256, others);
  else byDigest.delete(sha256);
}

/** The key of a session's month. */
export function monthOf({ place }: StoredSession): string {
  return place.folders.join("/");
}
