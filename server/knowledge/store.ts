import { LIMITS } from "../../contract/limits.ts";
import type {
  KnowledgeDeleted,
  KnowledgePage,
  KnowledgeWritten,
  OverviewWritten,
} from "../../contract/wire.ts";
import { mapBounded } from "../../disk/bounded.ts";
import type { SharedMemoryFiles } from "../../memory-tool/files.ts";
import { KeyedMutex } from "../storage/mutex.ts";
import type { WriteGuard } from "../storage/write-guard.ts";
import { Census, type KnowledgeCounts } from "./census.ts";
import { assertText, type AtVersion, type Document } from "./document.ts";
import { removeEmptyFolders } from "./empty-folders.ts";
import { listKnowledge, type KnowledgeFilter } from "./listing.ts";
import { KnownDocuments } from "./known-documents.ts";
import { finishAtStart, type ChangeLog, type MemoriesAt } from "./memories/intended-change.ts";
import { WorkspaceMemories } from "./memories/workspace-memories.ts";
import { Place } from "./place.ts";
import { assertRoomForFile } from "./quotas.ts";
import { recoverWorkspace } from "./recovery.ts";
import { tidy } from "./tidy.ts";
import { readVersioned } from "./versioned-read.ts";
import { deleteVersioned, writeVersioned } from "./versioned-write.ts";
import { writeDocument } from "./write-document.ts";

/** Is told the path of a document, or undefined for the overview. */
type KnowledgeListener = (workspaceId: string, path: string | undefined) => void;

/**
 * The markdown files of all workspaces, with their versions, and the overviews. Workspaces exist; paths are canonical.
 * People may edit the files by hand meanwhile: their edits are shown, and kept as versions before they are replaced.
 * Links are never followed. Reads throw `not_found`, writes `storage_full` and `unavailable` besides what they say.
 */
export class KnowledgeStore {
  readonly #root: string;
  readonly #guard: WriteGuard;
  readonly #now: () => Date;
  readonly #log: ChangeLog;
  readonly #writers = new KeyedMutex();
  readonly #census: Census;
  readonly #known = new KnownDocuments();
  #changed: KnowledgeListener = () => {};

  constructor(
    root: string,
    guard: WriteGuard,
    { now = () => new Date(), log = { warn: () => {} } }: { now?: () => Date; log?: ChangeLog } = {},
  ) {
    this.#root = root;
    this.#guard = guard;
    this.#now = now;
    this.#log = log;
    this.#census = new Census(root);
  }

  /** From now on `changed` is called for every change, before that is answered. */
  listen(changed: KnowledgeListener): void {
    this.#changed = changed;
  }

  /** Sorted by path. A page ends at `limit` entries or when it fills an answer. */
  list(workspaceId: string, filter: KnowledgeFilter = {}): Promise<KnowledgePage> {
    return listKnowledge(this.#root, workspaceId, filter);
  }

  /** Current files only. What people change by hand shows when `edited` was told of it. */
  counts(workspaceId: string): Promise<KnowledgeCounts> {
    return this.#census.of(workspaceId);
  }

  /** People changed files of these workspaces by hand, or may have. */
  edited(workspaceIds: Iterable<string>): void {
    for (const workspaceId of workspaceIds) this.#census.forget(workspaceId);
  }

  /** Counts what is not known, so that whoever asks need not wait. */
  async countAhead(workspaceIds: readonly string[]): Promise<void> {
    for (const workspaceId of workspaceIds) await this.#census.of(workspaceId);
  }

  read(workspaceId: string, path: string, at: AtVersion = {}): Promise<Document> {
    return this.#read(Place.of(this.#root, workspaceId, path), at, LIMITS.knowledge.fileBytes);
  }

  /**
   * Stores a knowledge file. `expectedSha256` is the digest the current file must have, "" for none. Throws `conflict` (with
   * the current digest), also for a name that collides with another; `too_large`, `invalid_input` for what is no text.
   */
  async write(
    workspaceId: string,
    path: string,
    content: Buffer,
    expectedSha256?: string,
  ): Promise<KnowledgeWritten> {
    assertText(content, LIMITS.knowledge.fileBytes);
    const now = this.#now();
    const { bytesBefore, ...written } = await this.#change(workspaceId, content.length, () =>
      this.#writeFile(workspaceId, path, content, { now, expectedSha256 }),
    );
    if (written.status !== "unchanged") {
      const files = written.status === "created" ? 1 : 0;
      this.#census.changed(workspaceId, { path, files, bytes: content.length - bytesBefore, time: now });
      this.#changed(workspaceId, path);
    }
    return { ...written, path };
  }

  /** Removes a knowledge file; its content stays readable as a version. Works on a full disk. Throws `conflict`. */
  async delete(workspaceId: string, path: string, expectedSha256?: string): Promise<KnowledgeDeleted> {
    const now = this.#now();
    const { keptVersion, bytesBefore } = await this.#change(workspaceId, undefined, async () => {
      const deleted = await deleteVersioned(Place.of(this.#root, workspaceId, path), {
        now,
        expectedSha256,
      });
      await tidy(removeEmptyFolders(this.#root, workspaceId, path));
      return deleted;
    });
    this.#census.changed(workspaceId, { path, files: -1, bytes: -bytesBefore, time: now });
    this.#changed(workspaceId, path);
    return { path, kept_version: keptVersion };
  }

  readOverview(workspaceId: string, at: AtVersion = {}): Promise<Document> {
    return this.#read(Place.overview(this.#root, workspaceId), at, LIMITS.overview.fileBytes);
  }

  /** Like `write`. */
  async writeOverview(
    workspaceId: string,
    content: Buffer,
    expectedSha256?: string,
  ): Promise<OverviewWritten> {
    assertText(content, LIMITS.overview.fileBytes);
    const { bytesBefore: _, ...written } = await this.#change(workspaceId, content.length, () =>
      writeVersioned(Place.overview(this.#root, workspaceId), content, { now: this.#now(), expectedSha256 }),
    );
    if (written.status !== "unchanged") this.#changed(workspaceId, undefined);
    return { ...written, workspace_id: workspaceId };
  }

  /** The memories of one workspace, which are documents of it beside its knowledge. */
  memories(workspaceId: string): SharedMemoryFiles {
    return new WorkspaceMemories({
      root: this.#root,
      workspaceId,
      guard: this.#guard,
      alone: (work) => this.#writers.run(workspaceId, () => work(this.#memoriesAt(workspaceId))),
      counts: () => this.#census.of(workspaceId),
    });
  }

  /** Completes or removes what interrupted writes left. Once, at start, before anything else. */
  async recover(workspaceIds: readonly string[]): Promise<void> {
    await mapBounded(workspaceIds, LIMITS.concurrency.fileReads, (workspaceId) =>
      this.#guard.run(async () => {
        await recoverWorkspace(this.#root, workspaceId);
        await finishAtStart(this.#memoriesAt(workspaceId));
      }),
    );
  }

  #memoriesAt(workspaceId: string): MemoriesAt {
    const now = this.#now();
    const changed: MemoriesAt["changed"] = (path, added) => {
      this.#census.changed(workspaceId, { path, ...added, time: now });
      this.#changed(workspaceId, path);
    };
    return { root: this.#root, workspaceId, now, log: this.#log, changed };
  }

  #read(place: Place, at: AtVersion, limitBytes: number): Promise<Document> {
    return readVersioned(place, at, { limitBytes, known: this.#known, now: this.#now() });
  }

  /** One change of a workspace at a time. `bytes` is undefined for one that must work on a full disk. */
  #change<T>(workspaceId: string, bytes: number | undefined, work: () => Promise<T>): Promise<T> {
    return this.#writers.run(workspaceId, () =>
      bytes === undefined ? this.#guard.run(work) : this.#guard.write(bytes, work),
    );
  }

  #writeFile(
    workspaceId: string,
    path: string,
    content: Buffer,
    change: { now: Date; expectedSha256: string | undefined },
  ) {
    const assertRoom = async () => assertRoomForFile(await this.#census.of(workspaceId));
    const place = Place.of(this.#root, workspaceId, path);
    return writeDocument(this.#root, place, content, { ...change, assertRoom });
  }
}
