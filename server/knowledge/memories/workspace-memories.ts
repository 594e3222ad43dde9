import { AppError } from "../../../contract/errors.ts";
import { LIMITS } from "../../../contract/limits.ts";
import { isErrno, unlessMissing } from "../../../disk/errno.ts";
import type { MemoryBytes, MemoryEntry, MemoryFiles, SharedMemoryFiles } from "../../../memory-tool/files.ts";
import type { WriteGuard } from "../../storage/write-guard.ts";
import type { KnowledgeCounts } from "../census.ts";
import { documentPathOf } from "../area.ts";
import { assertNoCollision } from "../collision.ts";
import { assertText } from "../document.ts";
import { removeEmptyFolders } from "../empty-folders.ts";
import { finishIntent, type MemoriesAt } from "./intended-change.ts";
import { moveFile, moveFolder, removeFolder } from "./several-files.ts";
import { entriesOf, treeOf } from "./memory-tree.ts";
import { lookAt, readMemory } from "./memory-file.ts";
import { Place } from "../place.ts";
import { assertRoomForMemories } from "../quotas.ts";
import { tidy } from "../tidy.ts";
import { deleteVersioned, writeVersioned } from "../versioned-write.ts";

/** What the memories of one workspace stand on. */
export interface MemoriesGround {
  readonly root: string;
  readonly workspaceId: string;
  readonly guard: WriteGuard;
  /** One change of the workspace at a time. */
  alone<T>(work: (at: MemoriesAt) => Promise<T>): Promise<T>;
  /** What the workspace holds. */
  counts(): Promise<KnowledgeCounts>;
}

/**
 * The memories of one workspace, versioned as its knowledge is: what is replaced, moved away or deleted stays readable. A
 * change of several files is as whole as one of a single file. People may work in the folder meanwhile: what they put there
 * is never replaced. Links are never followed. Changes throw `storage_full` and `unavailable` besides what the port says.
 */
export class WorkspaceMemories implements SharedMemoryFiles {
  readonly #ground: MemoriesGround;

  constructor(ground: MemoriesGround) {
    this.#ground = ground;
  }

  alone<T>(work: (files: MemoryFiles) => Promise<T>): Promise<T> {
    const ground = this.#ground;
    return ground.alone((at) => work(new WorkspaceMemories({ ...ground, alone: (change) => change(at) })));
  }

  async look(path: string): Promise<"file" | "folder" | undefined> {
    const { root, workspaceId } = this.#ground;
    return lookAt(root, workspaceId, path);
  }

  async list(path: string): Promise<readonly MemoryEntry[]> {
    if ((await this.look(path)) !== "folder") return [];
    const { root, workspaceId } = this.#ground;
    return entriesOf(await treeOf(root, workspaceId, path), path);
  }

  async read(path: string): Promise<MemoryBytes | undefined> {
    if ((await this.look(path)) !== "file") return undefined;
    return readMemory(this.#place(path));
  }

  async create(path: string, bytes: Buffer): Promise<"done" | "exists"> {
    assertText(bytes, LIMITS.knowledge.fileBytes);
    return this.#change(async (at) => {
      if ((await this.look(path)) !== undefined) return "exists";
      await assertNoCollision(at.root, at.workspaceId, documentPathOf(path));
      await this.#assertRoomFor({ files: 1, bytes: bytes.length });
      return this.#ground.guard.write(bytes.length, () => this.#createFile(at, path, bytes));
    });
  }

  async replace(path: string, bytes: Buffer, sha256: string): Promise<"done" | "changed" | "missing"> {
    assertText(bytes, LIMITS.knowledge.fileBytes);
    return this.#change(async (at) => {
      if ((await this.look(path)) !== "file") return "missing";
      const present = await unlessMissing(this.#place(path).look());
      if (present === undefined) return "missing";
      await this.#assertRoomFor({ files: 0, bytes: bytes.length - Number(present.size) });
      return this.#ground.guard.write(bytes.length, () => this.#replaceFile(at, path, { bytes, sha256 }));
    });
  }

  remove(path: string): Promise<"done" | "missing"> {
    return this.#change(async (at) => {
      const kind = await this.look(path);
      if (kind === "file") return this.#removeFile(at, path);
      if (kind === "folder") await removeFolder(at, this.#ground.guard, path);
      return kind === undefined ? "missing" : "done";
    });
  }

  rename(from: string, to: string): Promise<"done" | "missing" | "exists"> {
    return this.#change(async (at) => {
      const kind = await this.look(from);
      if (kind === undefined) return "missing";
      if ((await this.look(to)) !== undefined) return "exists";
      if (kind === "file") return moveFile(at, this.#ground.guard, { from, to });
      await moveFolder(at, this.#ground.guard, { from, to });
      return "done";
    });
  }

  clear(): Promise<void> {
    return this.#change((at) => removeFolder(at, this.#ground.guard, ""));
  }

  /** What a crash or a full disk interrupted comes first. */
  #change<T>(work: (at: MemoriesAt) => Promise<T>): Promise<T> {
    const ground = this.#ground;
    return ground.alone(async (at) => {
      await ground.guard.run(() => finishIntent(at));
      return ground.guard.run(() => work(at));
    });
  }

  async #createFile(at: MemoriesAt, path: string, bytes: Buffer): Promise<"done" | "exists"> {
    try {
      await writeVersioned(this.#place(path), bytes, { now: at.now, expectedSha256: "" });
    } catch (error) {
      if (isConflict(error) && (await this.look(path)) !== undefined) return "exists";
      throw error;
    }
    at.changed(documentPathOf(path), { files: 1, bytes: bytes.length });
    return "done";
  }

  async #replaceFile(
    at: MemoriesAt,
    path: string,
    { bytes, sha256 }: MemoryBytes,
  ): Promise<"done" | "changed" | "missing"> {
    try {
      const change = { now: at.now, expectedSha256: sha256 };
      const { status, bytesBefore } = await writeVersioned(this.#place(path), bytes, change);
      if (status !== "unchanged")
        at.changed(documentPathOf(path), { files: 0, bytes: bytes.length - bytesBefore });
      return "done";
    } catch (error) {
      if (!isConflict(error)) throw error;
      return (await this.look(path)) === undefined ? "missing" : "changed";
    }
  }

  async #removeFile(at: MemoriesAt, path: string): Promise<"done" | "missing"> {
    try {
      const change = { now: at.now, expectedSha256: undefined };
      const { bytesBefore } = await deleteVersioned(this.#place(path), change);
      at.changed(documentPathOf(path), { files: -1, bytes: -bytesBefore });
    } catch (error) {
      if (isGone(error)) return "missing";
      throw error;
    }
    await tidy(removeEmptyFolders(at.root, at.workspaceId, documentPathOf(path)));
    return "done";
  }

  async #assertRoomFor(added: { files: number; bytes: number }): Promise<void> {
    assertRoomForMemories(await this.#ground.counts(), added);
  }

  #place(path: string): Place {
    return Place.of(this.#ground.root, this.#ground.workspaceId, documentPathOf(path));
  }
}

/** A person may delete a file too, at any moment. */
function isGone(error: unknown): boolean {
  return isErrno(error, "ENOENT") || (error instanceof AppError && error.code === "not_found");
}

function isConflict(error: unknown): boolean {
  return error instanceof AppError && (error.code === "conflict" || error.code === "forbidden");
}
