import { AppError } from "../../contract/errors.ts";
import { foldCase } from "../../contract/names.ts";
import { sha256 } from "../../disk/digest.ts";
import type { MemoryBytes, MemoryEntry, MemoryFiles } from "../../memory-tool/files.ts";
import type { OpenedMemories } from "./opened-memories.ts";

/** What every store of memories must do, in its plainest form: files by path; folders are what the paths say. */
export class MemoryModel implements MemoryFiles {
  readonly files = new Map<string, Buffer>();

  look(path: string): Promise<"file" | "folder" | undefined> {
    return Promise.resolve(this.#kindOf(path));
  }

  list(path: string): Promise<readonly MemoryEntry[]> {
    const above = path === "" ? "" : `${path}/`;
    const below = [...this.files].filter(([name]) => name.startsWith(above));
    const names = below.map(([name]) => name.slice(above.length).split("/"));
    const shown = new Set(names.flatMap(([first = "", second]) => [first, ...deeper(first, second)]));
    const sorted = [...shown].map((name) => name.split("/")).toSorted(bySegments);
    return Promise.resolve(sorted.map((segments) => this.#entryOf(above + segments.join("/"))));
  }

  read(path: string): Promise<MemoryBytes | undefined> {
    const bytes = this.files.get(path);
    return Promise.resolve(bytes && { bytes, sha256: sha256(bytes) });
  }

  create(path: string, bytes: Buffer): Promise<"done" | "exists"> {
    return settled(() => {
      if (this.#kindOf(path) !== undefined) return "exists";
      this.#assertFree(path);
      this.files.set(path, bytes);
      return "done";
    });
  }

  replace(path: string, bytes: Buffer, digest: string): Promise<"done" | "changed" | "missing"> {
    const current = this.files.get(path);
    if (current === undefined) return Promise.resolve("missing");
    if (sha256(current) !== digest) return Promise.resolve("changed");
    this.files.set(path, bytes);
    return Promise.resolve("done");
  }

  remove(path: string): Promise<"done" | "missing"> {
    const below = this.#filesOf(path);
    for (const name of below) this.files.delete(name);
    return Promise.resolve(below.length > 0 ? "done" : "missing");
  }

  rename(from: string, to: string): Promise<"done" | "missing" | "exists"> {
    const moved = this.#filesOf(from);
    return settled(() => {
      if (moved.length === 0) return "missing";
      if (this.#kindOf(to) !== undefined) return "exists";
      this.#assertFree(to);
      for (const name of moved) {
        this.files.set(to + name.slice(from.length), this.files.get(name) ?? Buffer.alloc(0));
        this.files.delete(name);
      }
      return "done";
    });
  }

  clear(): Promise<void> {
    this.files.clear();
    return Promise.resolve();
  }

  #kindOf(path: string): "file" | "folder" | undefined {
    if (this.files.has(path)) return "file";
    return path === "" || this.#filesOf(path).length > 0 ? "folder" : undefined;
  }

  /** The file, or all files of the folder. */
  #filesOf(path: string): string[] {
    return [...this.files.keys()].filter((name) => name === path || name.startsWith(`${path}/`));
  }

  #entryOf(path: string): MemoryEntry {
    const bytes = this.#filesOf(path).reduce((sum, name) => sum + (this.files.get(name)?.length ?? 0), 0);
    return { path, kind: this.files.has(path) ? "file" : "folder", bytes };
  }

  /** Of two names in one folder that differ in case only, the second is refused, and so is a file in a folder's place. */
  #assertFree(path: string): void {
    const segments = path.split("/");
    for (const index of segments.keys()) {
      const here = segments.slice(0, index + 1).join("/");
      if (index < segments.length - 1 && this.files.has(here))
        throw new AppError("conflict", `"${here}" is a file, so nothing can be below it`);
      const twin = this.#placesOf().find((other) => other !== here && foldCase(other) === foldCase(here));
      if (twin !== undefined && this.#kindOf(here) === undefined)
        throw new AppError("conflict", `"${here}" and "${twin}" are one name on systems that ignore case`);
    }
  }

  /** Every file and folder. */
  #placesOf(): string[] {
    const segments = [...this.files.keys()].map((name) => name.split("/"));
    return segments.flatMap((parts) => parts.map((_, index) => parts.slice(0, index + 1).join("/")));
  }
}

/** A new model, for the suites that run over every store. */
export function openModel(): Promise<OpenedMemories> {
  return Promise.resolve({ files: new MemoryModel(), [Symbol.asyncDispose]: () => Promise.resolve() });
}

/** Done at once, before anybody else's turn; what it throws refuses the promise. */
function settled<T>(change: () => T): Promise<T> {
  try {
    return Promise.resolve(change());
  } catch (error) {
    return Promise.reject(error);
  }
}

function deeper(first: string, second: string | undefined): string[] {
  return second === undefined ? [] : [`${first}/${second}`];
}

function bySegments(a: readonly string[], b: readonly string[]): number {
  for (const [index, segment] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (segment !== other) return segment < other ? -1 : 1;
  }
  return a.length - b.length;
}
