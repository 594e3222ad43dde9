import type { SharedFolder } from "../../client/memories/shared-folder.ts";
import type { MemoryFiles } from "../../memory-tool/files.ts";

/** The memories of a store by their paths. */
export type Files = Readonly<Record<string, string>>;

/** A change of a memory in a folder, and what may be there once it has happened in part. */
export interface FolderStep {
  before: Files;
  after: Files;
  /** Whether what is there may also be something between the two. */
  isBetween?: (now: Files) => boolean;
  act(memory: SharedFolder): Promise<unknown>;
}

const BEFORE = { "a.md": "a", "f/b.md": "b", "f/g/c.md": "c", "z.md": "z" };
const without = (...gone: string[]): Files =>
  Object.fromEntries(Object.entries(BEFORE).filter(([path]) => !gone.includes(path)));

export const FOLDER_STEPS = {
  "create a file in new folders": {
    before: BEFORE,
    after: { ...BEFORE, "n/m/new.md": "new" },
    act: (memory) => memory.create("n/m/new.md", Buffer.from("new")),
  },
  "edit a file": {
    before: BEFORE,
    after: { ...BEFORE, "f/b.md": "b!" },
    act: (memory) => memory.alone((files) => append(files, "f/b.md", "!")),
  },
  "rename a file": {
    before: BEFORE,
    after: { ...without("a.md"), "n/a.md": "a" },
    isBetween: (now) => isSame(now, { ...BEFORE, "n/a.md": "a" }),
    act: (memory) => memory.rename("a.md", "n/a.md"),
  },
  "rename a folder": {
    before: BEFORE,
    after: { ...without("f/b.md", "f/g/c.md"), "n/h/b.md": "b", "n/h/g/c.md": "c" },
    act: (memory) => memory.rename("f", "n/h"),
  },
  "delete a file": {
    before: BEFORE,
    after: without("f/g/c.md"),
    act: (memory) => memory.remove("f/g/c.md"),
  },
  "delete a folder": {
    before: BEFORE,
    after: without("f/b.md", "f/g/c.md"),
    act: (memory) => memory.remove("f"),
  },
  "clear everything": {
    before: BEFORE,
    after: {},
    isBetween: (now) =>
      Object.entries(now).every(([path, text]) => isSame({ [path]: text }, { [path]: textIn(path) })),
    act: (memory) => memory.clear(),
  },
} satisfies Record<string, FolderStep>;

/** True where both hold the same files with the same texts. */
export function isSame(one: Files, other: Files): boolean {
  const sorted = (files: Files) =>
    JSON.stringify(Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return sorted(one) === sorted(other);
}

function textIn(path: string): string {
  return new Map<string, string>(Object.entries(BEFORE)).get(path) ?? "";
}

async function append(files: MemoryFiles, path: string, text: string): Promise<void> {
  const { bytes = Buffer.alloc(0), sha256 = "" } = (await files.read(path)) ?? {};
  await files.replace(path, Buffer.concat([bytes, Buffer.from(text)]), sha256);
}
