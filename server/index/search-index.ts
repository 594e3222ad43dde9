import { LIMITS } from "../../contract/limits.ts";
import type { IndexStatus } from "../../contract/wire.ts";
import type { Log } from "../observe/log.ts";
import { HeldKnowledge, type KnowledgeCoverage } from "./coverage/held-knowledge.ts";
import type { FileName, FromWriter, WriterReport } from "./messages.ts";
import { INDEX_KINDS, type IndexKind } from "./database/places.ts";
import { Questions } from "./questions.ts";
import type { SessionCoverage } from "./coverage/held-sessions.ts";
import { SessionIndexing, type SessionSource } from "./orders/session-indexing.ts";
import { liveStatus } from "./status.ts";
import { WriterThread } from "./writer/writer-thread.ts";

interface IndexParts extends SessionSource {
  /** MEMORY_ROOT, locked by this process. */
  root: string;
  log: Log;
}

/** Is told of changes by hand, as far as they are found. */
interface EditListener {
  /** The knowledge of these workspaces may be another than it was. */
  edited: (workspaceIds: ReadonlySet<string>) => void;
  /** All folders were looked at: soon after the start, then now and then. */
  walked: () => void;
}

/**
 * What the main thread knows of the search index; a thread of its own writes it. A search asks first, for what it may leave
 * to the index, and looks into all else by reading: so it finds what has just been stored, and everything without an index.
 */
export class SearchIndex implements AsyncDisposable {
  readonly #parts: IndexParts;
  readonly #thread: WriterThread;
  readonly #knowledge = new HeldKnowledge();
  readonly #sessions: SessionIndexing;
  readonly #reports = new Questions<WriterReport>();
  readonly #opened = Promise.withResolvers<void>();
  #listener: EditListener = { edited: () => {}, walked: () => {} };
  #lastOwn = 0;
  #nextWalk: NodeJS.Timeout | undefined;
  /** Whether all folders are watched. */
  #isWatched = true;

  private constructor(parts: IndexParts) {
    this.#parts = parts;
    this.#thread = new WriterThread({
      root: parts.root,
      hear: (message) => this.#hear(message),
      begun: () => this.#begun(),
      died: (error, number) => this.#died(error, number),
    });
    this.#sessions = new SessionIndexing({ ...parts, send: (message) => this.#thread.send(message) });
  }

  /** Starts the thread. What is damaged or of another version is built anew meanwhile. */
  static start(parts: IndexParts): SearchIndex {
    const index = new SearchIndex(parts);
    index.#thread.start();
    const late = setTimeout(() => index.#opened.resolve(), LIMITS.index.openMs);
    void index.#opened.promise.then(() => clearTimeout(late));
    return index;
  }

  /** Resolves when it is known what the index holds, or after `LIMITS.index.openMs`; before, it speaks for nothing. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** From now on `listener` is told what people change. */
  listen(listener: EditListener): void {
    this.#listener = listener;
  }

  /** A knowledge file, or without a path the overview, was written or deleted. Call it before that is answered. */
  knowledgeChanged(workspaceId: string, path: string | undefined): void {
    const file = { workspaceId, path: path ?? "" };
    this.#lastOwn += 1;
    this.#knowledge.wrote(file, this.#lastOwn);
    this.#thread.send({ type: "file", file, own: this.#lastOwn });
  }

  /** A session was stored. Searches look for themselves, so this only hastens the index. */
  sessionsChanged(workspaceId: string): void {
    this.#sessions.look(workspaceId);
  }

  /** What of these workspaces' knowledge the index can speak for. Ask before the index is asked. */
  knowledge(workspaceIds: readonly string[]): KnowledgeCoverage {
    return this.#knowledge.of(workspaceIds);
  }

  /** What of these workspaces' sessions the index can speak for. Ask before the index is asked. */
  sessions(workspaceIds: readonly string[]): Promise<SessionCoverage> {
    return this.#sessions.of(workspaceIds);
  }

  /** Somebody who read a database found that it is not what was written: it is thrown away and built anew. */
  damaged(kind: IndexKind): void {
    this.#parts.log.warn({ kind }, "the search index is damaged; it is built anew");
    this.#rebuild([kind]);
  }

  /** Throws everything away. Building it anew has begun when this returns, and goes on in the background. */
  rebuild(): void {
    this.#parts.log.info("the search index is built anew");
    this.#rebuild(INDEX_KINDS);
  }

  async status(): Promise<IndexStatus> {
    const ask = (number: number) => this.#thread.send({ type: "report", number });
    const report = this.#thread.isRunning ? await this.#reports.ask(ask) : undefined;
    return liveStatus(report, this.#sessions);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#nextWalk);
    this.#sessions[Symbol.dispose]();
    await this.#thread[Symbol.asyncDispose]();
    this.#reports.end();
  }

  #rebuild(kinds: readonly IndexKind[]): void {
    if (kinds.includes("knowledge")) this.#knowledge.begin(undefined);
    if (kinds.includes("sessions")) this.#sessions.end();
    this.#thread.send({ type: "rebuild", kinds });
  }

  #begun(): void {
    this.#walk();
    for (const written of this.#knowledge.written()) this.#thread.send({ type: "file", ...written });
  }

  #died(error: Error, number: number): void {
    this.#parts.log.error(
      { err: error },
      "the thread that writes the search index died; it is started again",
    );
    this.#knowledge.begin(undefined);
    this.#sessions.end(number);
    this.#reports.end();
    this.#opened.resolve();
  }

  #walk(): void {
    clearTimeout(this.#nextWalk);
    this.#thread.send({ type: "walk", workspaceIds: this.#parts.workspaces() });
  }

  #walked({ isWatched }: { isWatched: boolean }): void {
    const { walkMs, unwatchedWalkMs } = LIMITS.index;
    if (this.#isWatched && !isWatched)
      this.#parts.log.warn(
        "the system does not let all folders be watched: changes by hand are found later (on Linux see fs.inotify.max_user_watches)",
      );
    this.#isWatched = isWatched;
    this.#sessions.tryAgain();
    this.#walkIn(isWatched ? walkMs : unwatchedWalkMs);
    // Of those that are not in the index yet it is not said what is found.
    this.#listener.edited(new Set(this.#knowledge.of(this.#parts.workspaces()).unheld));
    this.#listener.walked();
  }

  #walkIn(timeMs: number): void {
    clearTimeout(this.#nextWalk);
    this.#nextWalk = setTimeout(() => this.#walk(), timeMs).unref();
  }

  #found(files: readonly FileName[]): void {
    const byHand = files.filter((file) => !this.#knowledge.isOwn(file));
    this.#knowledge.found(files);
    this.#listener.edited(new Set(byHand.map(({ workspaceId }) => workspaceId)));
  }

  #hear(message: FromWriter): void {
    switch (message.type) {
      case "knowledge":
        return this.#knowledge.begin(message);
      case "sessions":
        this.#sessions.begin(message);
        return this.#opened.resolve();
      case "ready":
        // Of very many changes at once the system may not have told all.
        if (!message.isReady) this.#walkIn(LIMITS.index.unwatchedWalkMs);
        this.#listener.edited(new Set([message.workspaceId]));
        return this.#knowledge.setReady(message.workspaceId, message);
      case "found":
        return this.#found(message.files);
      case "settled":
        this.#knowledge.settle(message.files);
        return this.#sessions.settle(message.archives);
      case "watched":
        return this.#sessions.setWatched(message.workspaceId, message);
      case "touched":
        return this.#sessions.touch(message.workspaceId, message.sessionIds);
      case "walked":
        return this.#walked(message);
      case "log":
        return this.#parts.log[message.level](message.text);
      case "report":
        return this.#reports.answer(message.number, message.report);
    }
  }
}
