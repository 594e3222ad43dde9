import { sha256 } from "../../disk/digest.ts";
import { carryOut } from "../../server/knowledge/memories/intended-change.ts";
import { writeIntent } from "../../server/knowledge/memories/intent.ts";
import { Place } from "../../server/knowledge/place.ts";
import { KnowledgeStore } from "../../server/knowledge/store.ts";
import { deleteVersioned, writeVersioned } from "../../server/knowledge/versioned-write.ts";
import { WriteGuard } from "../../server/storage/write-guard.ts";
import type { MemoryFiles } from "../../memory-tool/files.ts";

const OLD = "old ".repeat(5000);
const NEW = "new ".repeat(6000);
const OTHER = "# Other\n";

/** Texts by their paths below `/memories`. */
export type Tree = Readonly<Record<string, string>>;

interface Where {
  files: MemoryFiles;
  root: string;
  id: string;
}

/** A change to interrupt: what is there before, what is done, and what is there after. */
export interface MemoryStep {
  before: Tree;
  /** What else is there before. */
  prepare?(where: Where): Promise<void>;
  act(where: Where): Promise<unknown>;
  after: Tree;
}

const FOLDER = { "a.md": OLD, "b/c.md": NEW };
const STAYS = { "stays.md": OTHER };

const MOVES = Object.keys(below("from", FOLDER)).map((path) => ({
  from: `/memories/${path}`,
  to: `/memories/${path.replace("from", "to")}`,
}));

/** What every change of memories is one of. */
export const STEPS = {
  create: {
    before: STAYS,
    act: ({ files }) => files.create("folder/new.md", Buffer.from(NEW)),
    after: { ...STAYS, "folder/new.md": NEW },
  },
  edit: {
    before: { ...STAYS, "a.md": OLD },
    act: ({ files }) => files.replace("a.md", Buffer.from(NEW), sha256(OLD)),
    after: { ...STAYS, "a.md": NEW },
  },
  "rename of a file": {
    before: { ...STAYS, "a.md": OLD },
    act: ({ files }) => files.rename("a.md", "folder/b.md"),
    after: { ...STAYS, "folder/b.md": OLD },
  },
  "rename of a folder": {
    before: { ...STAYS, ...below("from", FOLDER) },
    act: ({ files }) => files.rename("from", "to"),
    after: { ...STAYS, ...below("to", FOLDER) },
  },
  "deletion of a folder": {
    before: { ...STAYS, ...below("from", FOLDER) },
    act: ({ files }) => files.remove("from"),
    after: STAYS,
  },
  "end of an interrupted rename": {
    before: { ...STAYS, ...below("from", FOLDER) },
    prepare: ({ root, id }) => writeIntent(root, id, MOVES),
    act: ({ root, id }) => new KnowledgeStore(root, new WriteGuard(root)).recover([id]),
    after: { ...STAYS, ...below("to", FOLDER) },
  },
  clearing: {
    before: { ...STAYS, ...below("from", FOLDER) },
    act: ({ files }) => files.clear(),
    after: {},
  },
} satisfies Record<string, MemoryStep>;

/** Renames as they must not be: the campaign has to convict them. */
export const BROKEN = {
  "an intent that is written after the first copy": {
    ...STEPS["rename of a folder"],
    async act({ root, id }) {
      const now = new Date();
      const bytes = Buffer.from(FOLDER["a.md"]);
      await writeVersioned(Place.of(root, id, "/memories/to/a.md"), bytes, { now, expectedSha256: "" });
      await carryOut({ root, workspaceId: id, now, log: { warn() {} }, changed() {} }, MOVES);
    },
  },
  "an old file that goes before the new one is there": {
    ...STEPS["rename of a file"],
    async act({ root, id }) {
      const now = new Date();
      await deleteVersioned(Place.of(root, id, "/memories/a.md"), { now, expectedSha256: undefined });
      const place = Place.of(root, id, "/memories/folder/b.md");
      await writeVersioned(place, Buffer.from(OLD), { now, expectedSha256: "" });
    },
  },
} satisfies Record<string, MemoryStep>;

function below(folder: string, tree: Tree): Tree {
  return Object.fromEntries(Object.entries(tree).map(([path, text]) => [`${folder}/${path}`, text]));
}
