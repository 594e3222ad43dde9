import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runProgram } from "../support/run-program.ts";
import { BackupLab, inFirst } from "../support/backup-lab.ts";
import { tempFolder } from "../support/temp-folder.ts";

const MAIN = join(import.meta.dirname, "../../server/main.ts");
const UNSPELLABLE = Buffer.from([0x2f, 0x62, 0xff, 0x2e, 0x6d, 0x64]);
const badName = (folder: string) => Buffer.concat([Buffer.from(folder), UNSPELLABLE]);

async function linked(path: string): Promise<void> {
  await rename(path, `${path}.elsewhere`);
  await symlink(`${path}.elsewhere`, path);
}

/** What no backup can hold, and as what it is named. */
const LEFT_OUT: Record<string, [path: string, finding: string, make: (root: string) => Promise<unknown>]> = {
  "linked sessions": [
    "workspaces/laptop-codex-first/sessions",
    "place.lost",
    (root) => linked(inFirst(root, "sessions")),
  ],
  "linked knowledge": [
    "workspaces/laptop-codex-first/knowledge",
    "place.lost",
    (root) => linked(inFirst(root, "knowledge")),
  ],
  "linked memories": [
    "workspaces/laptop-codex-first/memories",
    "place.lost",
    (root) => linked(inFirst(root, "memories")),
  ],
  "a linked version": [
    "workspaces/laptop-codex-first/.versions/knowledge/a/over.md/000001.md",
    "place.lost",
    (root) => linked(inFirst(root, ".versions/knowledge/a/over.md/000001.md")),
  ],
  "a linked registry": [
    "_meta/workspaces.json",
    "place.lost",
    (root) => linked(join(root, "_meta/workspaces.json")),
  ],
  "a file whose name is no Unicode": [
    "workspaces/laptop-codex-first/knowledge/b\ufffd.md",
    "name.unreadable",
    (root) => writeFile(badName(inFirst(root, "knowledge")), "x"),
  ],
  "a folder whose name is no Unicode": [
    "workspaces/b\ufffd.md",
    "name.unreadable",
    (root) => mkdir(badName(join(root, "workspaces"))),
  ],
};

it.runIf(process.platform === "linux").each(Object.entries(LEFT_OUT))(
  "backup and verify name %s, and say so by their codes",
  async (_name, [path, id, make]) => {
    await using lab = await BackupLab.open();
    await using work = await tempFolder();
    await make(lab.root);

    const made = await runProgram([MAIN, "backup", work.path], { MEMORY_ROOT: lab.root });
    const verified = await runProgram([MAIN, "verify"], { MEMORY_ROOT: lab.root });

    expect(made.stdout).toContain(`left out  ${path}:`);
    expect(verified.stdout).toMatch(new RegExp(`^fail  ${id} +${path}:`, "m"));
    expect([made.code, verified.code]).toEqual([3, 1]);
  },
);
