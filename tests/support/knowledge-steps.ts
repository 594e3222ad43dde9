import { open, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { KnowledgeStore } from "../../server/knowledge/store.ts";

export const OLD = Buffer.from(`# Old\n${"old ".repeat(5000)}`);
export const NEW = Buffer.from(`# New\n${"new ".repeat(6000)}`);
const BY_HAND = Buffer.from("# By hand\n");
const PATH = "auto/design.md";

interface Place {
  store: KnowledgeStore;
  id: string;
  /** The workspace's folder. */
  folder: string;
}

/** A change to interrupt: how the store is before, what is done, and what the file may hold after. */
export interface Step {
  /** Below the workspace's folder. */
  file: string;
  versions: string;
  prepare(place: Place): Promise<unknown>;
  act(place: Place): Promise<unknown>;
  before: Buffer | undefined;
  after: Buffer | undefined;
  /** Contents that must be readable whatever happens. */
  kept: Buffer[];
}

const KNOWLEDGE = { file: `knowledge/${PATH}`, versions: `.versions/knowledge/${PATH}` };
const writeOld = ({ store, id }: Place) => store.write(id, PATH, OLD);
const writeNew = ({ store, id }: Place) => store.write(id, PATH, NEW);

export const STEPS = {
  create: {
    ...KNOWLEDGE,
    prepare: async () => undefined,
    act: writeNew,
    before: undefined,
    after: NEW,
    kept: [],
  },
  update: { ...KNOWLEDGE, prepare: writeOld, act: writeNew, before: OLD, after: NEW, kept: [OLD] },
  "update of a hand edit": {
    ...KNOWLEDGE,
    async prepare(place) {
      await writeOld(place);
      const path = join(place.folder, KNOWLEDGE.file);
      await writeFile(`${path}.new`, BY_HAND);
      await rename(`${path}.new`, path);
    },
    act: writeNew,
    before: BY_HAND,
    after: NEW,
    kept: [OLD, BY_HAND],
  },
  delete: {
    ...KNOWLEDGE,
    prepare: writeOld,
    act: ({ store, id }) => store.delete(id, PATH),
    before: OLD,
    after: undefined,
    kept: [OLD],
  },
  overview: {
    file: "overview.md",
    versions: ".versions/overview",
    prepare: ({ store, id }) => store.writeOverview(id, OLD),
    act: ({ store, id }) => store.writeOverview(id, NEW),
    before: OLD,
    after: NEW,
    kept: [OLD],
  },
} satisfies Record<string, Step>;

/** A writer as it must not be: it overwrites in place. The campaign has to convict it. */
export const BROKEN: Step = {
  ...STEPS.update,
  async act({ folder }) {
    await using handle = await open(join(folder, KNOWLEDGE.file), "w");
    await handle.write(NEW, 0, NEW.length / 2);
    await handle.write(NEW, NEW.length / 2);
  },
};
