import { LIMITS } from "../../../contract/limits.ts";
import type { Archive } from "../../sessions/session.ts";
import type { SessionName, SettledArchive, ToWriter } from "../messages.ts";
import { NewestFirst } from "../newest-first.ts";

const DEADLY = "the thread that reads it ran out of memory";

/** Gives archives to the writer, a few at a time, and knows which it has. */
export class ArchiveOrders {
  readonly #send: (message: ToWriter) => void;
  readonly #waiting = new NewestFirst<Archive>();
  /** What the writer has, by session. */
  readonly #ordered = new Map<string, { archive: Archive; number: number }>();
  /** How often the thread died while it worked on these bytes. */
  readonly #deaths = new Map<string, number>();
  /** Since when each archive waits that is to be indexed, and those of before the thread ended. */
  #since = new Map<string, number>();
  #sinceBefore = new Map<string, number>();
  #lastNumber = 0;

  constructor(send: (message: ToWriter) => void) {
    this.#send = send;
  }

  /** Archives that are to be indexed. */
  get size(): number {
    return this.#waiting.size + this.#ordered.size;
  }

  /** For how long the one that has waited longest waits; undefined when none does. */
  get oldestMs(): number | undefined {
    if (this.#since.size === 0) return undefined;
    let sinceMs = Infinity;
    for (const each of this.#since.values()) sinceMs = Math.min(sinceMs, each);
    return performance.now() - sinceMs;
  }

  /** What is urgent does not wait for its turn. */
  add(archive: Archive, { isUrgent }: { isUrgent: boolean }): void {
    const key = keyOf(archive);
    const current = this.#ordered.get(key)?.archive ?? this.#waiting.get(key);
    if (current !== undefined && isSame(current, archive)) return;
    if (!this.#since.has(key)) this.#since.set(key, this.#sinceBefore.get(key) ?? performance.now());
    if (isUrgent) this.#order(archive, { isUrgent });
    else this.#waiting.set(key, archive, archive.endedMs);
  }

  /** An archive that is gone. */
  forget({ workspaceId, sessionId }: SessionName): void {
    const key = keyOf({ workspaceId, sessionId });
    this.#waiting.delete(key);
    this.#ordered.delete(key);
    this.#since.delete(key);
    this.#send({ type: "forget", session: { workspaceId, sessionId } });
  }

  /** Lets the writer have what it has room for. */
  fill(): void {
    while (this.#ordered.size < LIMITS.index.waitingArchives) {
      const archive = this.#waiting.take();
      if (archive === undefined) return;
      this.#order(archive, { isUrgent: false });
    }
  }

  settle(settled: readonly SettledArchive[]): void {
    for (const { session, number } of settled) {
      const key = keyOf(session);
      // It may have been ordered again since.
      if (this.#ordered.get(key)?.number !== number) continue;
      this.#ordered.delete(key);
      if (this.#waiting.get(key) === undefined) this.#since.delete(key);
    }
    this.fill();
  }

  /** The thread has ended, and what it had was not done; it died of the archive with this number, if there is one. */
  lose(number: number): void {
    for (const { archive, number: own } of this.#ordered.values())
      if (own === number) this.#deaths.set(deathKey(archive), (this.#deaths.get(deathKey(archive)) ?? 0) + 1);
    this.#ordered.clear();
    this.#waiting.clear();
    // What is ordered again has waited all the time.
    this.#sinceBefore = this.#since;
    this.#since = new Map();
  }

  #order(archive: Archive, { isUrgent }: { isUrgent: boolean }): void {
    const key = keyOf(archive);
    this.#lastNumber += 1;
    const order = { archive, number: this.#lastNumber, isUrgent };
    this.#waiting.delete(key);
    this.#ordered.set(key, { archive, number: order.number });
    const isDeadly = (this.#deaths.get(deathKey(archive)) ?? 0) >= LIMITS.index.deaths;
    this.#send(isDeadly ? { type: "refuse", order, fault: DEADLY } : { type: "archive", order });
  }
}

function keyOf({ workspaceId, sessionId }: SessionName): string {
  return `${workspaceId}\0${sessionId}`;
}

/** Other bytes are another matter. */
function deathKey(archive: Archive): string {
  return `${keyOf(archive)}\0${archive.sha256}`;
}

function isSame(a: Archive, b: Archive): boolean {
  return a.sha256 === b.sha256 && a.lines === b.lines;
}
