import {
  appendFile,
  chmod,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../disk/digest.ts";
import { runProgram } from "../support/run-program.ts";
import { BackupLab, damageIn, inFirst } from "../support/backup-lab.ts";
import { filesIn } from "../support/flips.ts";
import { lines } from "../support/session-store.ts";

const MAIN = join(import.meta.dirname, "../../server/main.ts");
const FIRST = "laptop-codex-first";

/** The newest month's files of a session. */
async function filesOf(root: string, session: string): Promise<{ archive: string; facts: string }> {
  const folder = inFirst(root, "sessions");
  const names = await readdir(folder, { recursive: true });
  const of = (suffix: string) => names.find((name) => name.endsWith(`-${session}${suffix}`)) ?? "";
  return { archive: join(folder, of(".jsonl.gz")), facts: join(folder, of(".json")) };
}

async function edit(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, "utf8")));
}

const over = (root: string) => inFirst(root, ".versions/knowledge/a/over.md");

/** What is done to a sound store, and what `verify` says of it. */
const DAMAGES: Record<string, [id: string, damage: (lab: BackupLab) => Promise<unknown>]> = {
  "an archive without its end": [
    "archive.damaged",
    async ({ root }) => truncate((await filesOf(root, "grows")).archive, 100),
  ],
  "another session's archive": [
    "facts.differ",
    async (lab) => {
      await lab.session(FIRST, "other", lines(44, 777));
      await writeFile(
        (await filesOf(lab.root, "grows")).archive,
        await readFile((await filesOf(lab.root, "other")).archive),
      );
    },
  ],
  "an archive that is no gzip": [
    "archive.damaged",
    async ({ root }) => writeFile((await filesOf(root, "grows")).archive, "text"),
  ],
  "a lost archive": ["archive.missing", async ({ root }) => rm((await filesOf(root, "grows")).archive)],
  "facts with another digest": [
    "facts.differ",
    async ({ root }) =>
      edit((await filesOf(root, "grows")).facts, (text) =>
        text.replace(/"sha256": ".{4}/, '"sha256": "0123'),
      ),
  ],
  "facts that are torn": [
    "facts.differ",
    async ({ root }) => truncate((await filesOf(root, "grows")).facts, 40),
  ],
  "facts that are gone": ["facts.missing", async ({ root }) => rm((await filesOf(root, "grows")).facts)],
  "an alias that says more than its archive": [
    "alias.short",
    async (lab) => {
      await lab.session(FIRST, "twin-1", lines(6, 5000));
      await lab.session(FIRST, "twin-2", lines(6, 5000));
      await edit((await filesOf(lab.root, "twin-2")).facts, (text) =>
        text.replace(/"bytes": \d/, '"bytes": 99'),
      );
    },
  ],
  "an alias of an archive that is gone": [
    "alias.short",
    async (lab) => {
      await lab.session(FIRST, "twin-1", lines(6, 5000));
      await lab.session(FIRST, "twin-2", lines(6, 5000));
      const { archive, facts } = await filesOf(lab.root, "twin-1");
      await Promise.all([rm(archive), rm(facts)]);
    },
  ],
  "a version that was removed": ["version.missing", async ({ root }) => rm(join(over(root), "000001.md"))],
  "a version that holds nothing": [
    "version.empty",
    async ({ root }) => truncate(join(over(root), "000001.md"), 0),
  ],
  "tokens that are gone, with what they were before": [
    "tokens.damaged",
    async ({ root }) => writeFile(join(root, "_meta/tokens.json.1"), '{"tokens":[]}', { mode: 0o600 }),
  ],
  "a format that is gone": ["format.missing", async ({ root }) => rm(join(root, "_meta/format.json"))],
  "a current file with its version's time and size": [
    "current.differs",
    async ({ root }) => {
      const path = inFirst(root, "knowledge/a/over.md");
      const text = await readFile(path, "utf8");
      await rm(path);
      await writeFile(path, text.toUpperCase());
      const newest = (await readdir(over(root))).sort().at(-1) ?? "";
      const time = new Date("2026-03-04T05:06:07Z");
      for (const file of [path, join(over(root), newest)]) await utimes(file, time, time);
    },
  ],
  "a version of a memory that was removed": [
    "version.missing",
    async ({ root }) => rm(inFirst(root, ".versions/memories/a/over.md/000001.md")),
  ],
  "a link in the place of the memories": [
    "place.lost",
    async (lab) =>
      symlink("knowledge", join(lab.root, "workspaces", await lab.register("linked"), "memories")),
  ],
  "a change of memories that was cut short long ago": [
    "temp.old",
    async ({ root }) => {
      const intent = inFirst(root, ".versions/memories.intent.json");
      await writeFile(intent, "{}");
      await utimes(intent, new Date(0), new Date(0));
    },
  ],
  "an edit by hand": [
    "current.edited",
    async ({ root }) => {
      const path = inFirst(root, "knowledge/a/over.md");
      await writeFile(`${path}.new`, "# By hand, and longer than it was\n");
      await rename(`${path}.new`, path);
    },
  ],
  "an identity that is torn": [
    "identity.damaged",
    async ({ root }) => truncate(inFirst(root, "identity.json"), 10),
  ],
  "an identity that is gone": ["identity.damaged", async ({ root }) => rm(inFirst(root, "identity.json"))],
  "a registry that is torn": [
    "registry.differs",
    async ({ root }) => truncate(join(root, "_meta/workspaces.json"), 10),
  ],
  "tokens that are torn": [
    "tokens.damaged",
    async ({ root }) => writeFile(join(root, "_meta/tokens.json"), "{", { mode: 0o600 }),
  ],
  "join codes that are torn": [
    "joins.damaged",
    async ({ root }) => writeFile(join(root, "_meta/joins.json"), "{", { mode: 0o600 }),
  ],
  "a key of another length": [
    "key.damaged",
    async ({ root }) => truncate(join(root, "_meta/binding.key"), 3),
  ],
  "a link": ["link", async ({ root }) => symlink("/etc/passwd", inFirst(root, "knowledge/link.md"))],
  "a file that others may read": ["mode", async ({ root }) => chmod(join(root, "_meta/binding.key"), 0o644)],
  "what an old write left": [
    "temp.old",
    async ({ root }) => {
      await writeFile(inFirst(root, ".tmp-1-a"), "x");
      await utimes(inFirst(root, ".tmp-1-a"), 1, 1);
    },
  ],
  "a folder that is no workspace's": [
    "folder.orphan",
    async ({ root }) => mkdir(join(root, "workspaces/Not One")),
  ],
};

describe("verify", () => {
  it("finds nothing in a sound store, and changes nothing in it", async () => {
    await using lab = await BackupLab.open();
    const before = await digestsOf(lab.root);

    const { code, stdout } = await runProgram([MAIN, "verify"], { MEMORY_ROOT: lab.root });

    expect(stdout).toContain("nothing is damaged");
    expect(code).toBe(0);
    expect(await digestsOf(lab.root)).toEqual(before);
  });

  // At once: each waits a second until it looks again.
  it.concurrent.each(Object.entries(DAMAGES))(
    "finds %s, and names nothing else",
    async (_name, [id, damage]) => {
      await using lab = await BackupLab.open();
      await damage(lab);

      const found = await damageIn(lab.root);

      const ids = found.map((finding) => finding.id);
      // A workspace that cannot be opened is also one that the registry names in vain.
      expect([...new Set(ids)].filter((other) => other !== "registry.differs" || id === other)).toEqual([id]);
    },
  );

  it("takes what somebody is just writing for no damage", async () => {
    await using lab = await BackupLab.open();
    const folder = inFirst(lab.root, "knowledge/a");
    const next = join(over(lab.root), "000099.md");
    await writeFile(join(folder, ".tmp-1-a"), "# Under way\n");
    await link(join(folder, ".tmp-1-a"), next);
    const finding = damageIn(lab.root);
    // Far less than until it looks again.
    await sleep(100);
    await unlink(next);

    expect(await finding).toEqual([]);
  });
});

it("exits 1 for damage, 0 for what is only worth knowing, and tells scripts which it is", async () => {
  await using lab = await BackupLab.open();
  await symlink("/etc/passwd", inFirst(lab.root, "knowledge/link.md"));
  const noted = await runProgram([MAIN, "verify", "--json"], { MEMORY_ROOT: lab.root });
  await appendFile((await filesOf(lab.root, "grows")).archive, "x");

  const failed = await runProgram([MAIN, "verify", "--json"], { MEMORY_ROOT: lab.root });

  expect([noted.code, failed.code]).toEqual([0, 1]);
  expect(JSON.parse(noted.stdout)).toMatchObject({ whole: true, findings: [{ id: "link", state: "note" }] });
  expect(JSON.parse(failed.stdout)).toMatchObject({ whole: false });
});

/** Of every file, with its times but for when it was read. */
async function digestsOf(root: string): Promise<[string, string][]> {
  return Promise.all(
    filesIn(root)
      .flat()
      .sort()
      .map(async (path): Promise<[string, string]> => [path, sha256(await readFile(join(root, path)))]),
  );
}
