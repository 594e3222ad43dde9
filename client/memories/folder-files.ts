import { randomBytes } from "node:crypto";
import { rm, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { linkOrCopy, readWhole, renamePatiently, replaceFile, TempFile } from "../../disk/atomic-file.ts";
import { sha256 } from "../../disk/digest.ts";
import { isErrno, unlessMissing } from "../../disk/errno.ts";
import { Folder } from "../../disk/folder.ts";
import { notRegular } from "../../disk/folder-refusals.ts";
import { assertNamesFree } from "../../disk/name-collision.ts";
import type { MemoryBytes, MemoryEntry, MemoryFiles } from "../../memory-tool/files.ts";
import { enterIfThere, placeOf, statusAt, type Place } from "./place.ts";
import { assertAllOurs, entriesBelow, isOurs } from "./walk.ts";

/** What begins the name of a folder that is being deleted. */
export const DELETED_PREFIX = ".deleted-";

/**
 * Memories as plain files (0600) and folders (0700) below a folder of a person's, without versions. Reads may overlap with
 * anything; changes must come one after the other, which whoever holds the folder's `ChangeLock` sees to. A crash at any moment
 * leaves the old state or the new one, except that a file that was being renamed may have both names. Links are never followed.
 */
export class FolderFiles implements MemoryFiles {
  readonly #root: string;

  /** The folder must be there, and be no link. */
  constructor(root: string) {
    this.#root = root;
  }

  async look(path: string): Promise<"file" | "folder" | undefined> {
    if (path === "") return "folder";
    const status = await statusAt(this.#root, path);
    if (status === undefined) return undefined;
    if (status.isFile()) return "file";
    if (status.isDirectory()) return "folder";
    throw notRegular(placeOf(path).name);
  }

  async list(path: string): Promise<readonly MemoryEntry[]> {
    const names = path === "" ? [] : path.split("/");
    await using folder = await enterIfThere(this.#root, names);
    return folder === undefined ? [] : await entriesBelow(folder, path === "" ? "" : `${path}/`);
  }

  async read(path: string): Promise<MemoryBytes | undefined> {
    if ((await this.look(path)) !== "file") return undefined;
    const { name, above } = placeOf(path);
    await using folder = await enterIfThere(this.#root, above);
    await using handle = folder && (await unlessMissing(folder.openFile(name)));
    if (handle === undefined) return undefined;
    const bytes = await readWhole(handle, LIMITS.client.memoryFileBytes);
    if (bytes === undefined)
      throw new AppError("too_large", `The file has more than ${LIMITS.client.memoryFileBytes} bytes`);
    return { bytes, sha256: sha256(bytes) };
  }

  async create(path: string, bytes: Buffer): Promise<"done" | "exists"> {
    if ((await this.look(path)) !== undefined) return "exists";
    await this.#assertNamesFree(path);
    const { name, above } = placeOf(path);
    try {
      await using folder = await this.#make(above);
      await using temp = await TempFile.create(folder);
      await temp.write(bytes);
      await temp.finish();
      await temp.moveToFree(name);
      await folder.sync();
      return "done";
    } catch (error) {
      await this.#removeEmpty(above);
      if (isErrno(error, "EEXIST")) return "exists";
      throw error;
    }
  }

  async replace(path: string, bytes: Buffer, digest: string): Promise<"done" | "changed" | "missing"> {
    const current = await this.read(path);
    if (current === undefined) return "missing";
    if (current.sha256 !== digest) return "changed";
    const { name, above } = placeOf(path);
    await using folder = await Folder.below(this.#root, ...above);
    await replaceFile(folder, name, bytes);
    return "done";
  }

  async remove(path: string): Promise<"done" | "missing"> {
    const kind = await this.look(path);
    if (kind === undefined) return "missing";
    if (kind === "folder") await this.#assertOurs(path);
    const { name, above } = placeOf(path);
    {
      await using folder = await Folder.below(this.#root, ...above);
      if (kind === "file") await unlink(folder.at(name));
      else await this.#removeFolder(folder, name);
      await folder.sync();
    }
    await this.#removeEmpty(above);
    return "done";
  }

  async rename(from: string, to: string): Promise<"done" | "missing" | "exists"> {
    const kind = await this.look(from);
    if (kind === undefined) return "missing";
    if ((await this.look(to)) !== undefined) return "exists";
    await this.#assertNamesFree(to);
    const [old, target] = [placeOf(from), placeOf(to)];
    try {
      await this.#move(kind, { from: old, to: target });
    } catch (error) {
      await this.#removeEmpty(target.above);
      if (isErrno(error, "EEXIST", "ENOTEMPTY", "ENOTDIR")) return "exists";
      throw error;
    }
    await this.#removeEmpty(old.above);
    return "done";
  }

  async clear(): Promise<void> {
    await using root = await Folder.open(this.#root);
    const entries = (await root.entries()).filter((entry) => isOurs(entry, entry.name));
    // All of it can be deleted, or nothing is.
    for (const entry of entries) if (entry.isDirectory()) await this.#assertOurs(entry.name);
    for (const { name } of entries) await this.remove(name);
  }

  async #assertNamesFree(path: string): Promise<void> {
    await assertNamesFree(await Folder.open(this.#root), path.split("/"));
  }

  async #assertOurs(path: string): Promise<void> {
    await using folder = await Folder.below(this.#root, ...path.split("/"));
    await assertAllOurs(folder, `${path}/`);
  }

  /** Throws EEXIST, ENOTEMPTY or ENOTDIR where something has come to the new place. */
  async #move(kind: "file" | "folder", { from, to }: { from: Place; to: Place }): Promise<void> {
    await using source = await Folder.below(this.#root, ...from.above);
    await using folder = await this.#make(to.above);
    const places = { from: source.at(from.name), to: folder.at(to.name) };
    if (kind === "file") await linkOrCopy(places.from, places.to);
    // Onto a folder that has just come it fails, unless that is empty.
    else await renamePatiently(places.from, places.to);
    await folder.sync();
    if (kind === "file") await unlink(places.from);
    await source.sync();
  }

  /** In one step out of sight, then away. */
  async #removeFolder(parent: Folder, name: string): Promise<void> {
    await using root = await Folder.open(this.#root);
    const doomed = `${DELETED_PREFIX}${process.pid}-${randomBytes(8).toString("hex")}`;
    await renamePatiently(parent.at(name), root.at(doomed));
    await parent.sync();
    await root.sync();
    await rm(join(this.#root, doomed), { recursive: true, force: true });
  }

  async #make(names: readonly string[]): Promise<Folder> {
    const root = await Folder.open(this.#root);
    if (names.length === 0) return root;
    await using above = root;
    return await above.make(...names);
  }

  /** A folder is there while something is in it. */
  async #removeEmpty(names: readonly string[]): Promise<void> {
    const above = names.slice(0, -1);
    const name = names.at(-1);
    await using parent = name === undefined ? undefined : await enterIfThere(this.#root, above);
    if (name === undefined || parent === undefined) return;
    try {
      await rmdir(parent.at(name));
    } catch (error) {
      if (isErrno(error, "ENOTEMPTY", "EEXIST")) return;
      if (!isErrno(error, "ENOENT", "ENOTDIR")) throw error;
    }
    await this.#removeEmpty(above);
  }
}
