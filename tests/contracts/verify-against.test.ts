import { appendFile, readdir, readFile, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { backup } from "../../server/backup/backup.ts";
import { runProgram } from "../support/run-program.ts";
import { BackupLab, inFirst } from "../support/backup-lab.ts";
import { tempFolder } from "../support/temp-folder.ts";

const MAIN = join(import.meta.dirname, "../../server/main.ts");
const over = (root: string) => inFirst(root, ".versions/knowledge/a/over.md");
const newest = async (root: string) => join(over(root), (await readdir(over(root))).sort().at(-1) ?? "");

/** What is done to a store after its backup, and what is said of it. */
const LOSSES: Record<string, [ids: string[], code: number, lose: (lab: BackupLab) => Promise<unknown>]> = {
  "nothing, but later writes and a deletion": [
    [],
    0,
    async (lab) => {
      for (let turn = 0; turn < 10; turn += 1) await lab.step();
      await lab.remove("laptop-codex-first", "a/over.md");
    },
  ],
  "a version cut off, with the time it had": [
    ["against.differs"],
    1,
    async ({ root }) => {
      await truncate(join(over(root), "000001.md"), 0);
      await utimes(join(over(root), "000001.md"), 1, 1);
    },
  ],
  "a version with another byte, and the time of now": [
    ["against.differs"],
    1,
    async ({ root }) => {
      const old = join(over(root), "000001.md");
      await writeFile(old, (await readFile(old, "utf8")).replace("Over", "Oven"));
    },
  ],
  "a version that is gone, and too young to be dropped": [
    ["against.missing"],
    1,
    async ({ root }) => rm(join(over(root), "000001.md")),
  ],
  "the newest version cut off, which is the current file too": [
    ["against.differs"],
    1,
    async ({ root }) => truncate(await newest(root), 0),
  ],
  "an edit in place": [
    ["against.edited"],
    0,
    async ({ root }) => appendFile(inFirst(root, "knowledge/a/over.md"), "mine"),
  ],
  "a file with all its versions": [
    ["against.missing"],
    1,
    async ({ root }) => {
      await rm(inFirst(root, "knowledge/a/over.md"));
      await rm(over(root), { recursive: true });
    },
  ],
  "the key": [["against.missing"], 1, async ({ root }) => rm(join(root, "_meta/binding.key"))],
  "an identity": [["against.missing"], 1, async ({ root }) => rm(inFirst(root, "identity.json"))],
};

it.each(Object.entries(LOSSES))("verify --against tells of %s", async (_name, [ids, code, lose]) => {
  await using lab = await BackupLab.open();
  await using work = await tempFolder();
  const { folder } = await backup({ memoryRoot: lab.root, into: work.path, keepDays: 1, version: "1" });
  await lose(lab);

  const verified = await runProgram([MAIN, "verify", "--against", folder, "--json"], {
    MEMORY_ROOT: lab.root,
  });

  const { findings }: { findings: { id: string }[] } = JSON.parse(verified.stdout);
  const compared = findings.map(({ id }) => id).filter((id) => id.startsWith("against."));
  expect([...new Set(compared)]).toEqual(ids);
  expect(verified.code).toBe(code);
});
