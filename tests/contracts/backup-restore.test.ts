import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { backup } from "../../server/backup/backup.ts";
import { restore } from "../../server/backup/restore.ts";
import { backupItems } from "../../server/backup/source.ts";
import { backupTar } from "../../server/backup/tar/backup-tar.ts";
import { BackupLab, damageIn, inFirst, lost } from "../support/backup-lab.ts";
import { childEnv } from "../support/child-env.ts";
import { runProgram } from "../support/run-program.ts";
import { tempFolder } from "../support/temp-folder.ts";

const MAIN = join(import.meta.dirname, "../../server/main.ts");

interface BackedUp extends AsyncDisposable {
  lab: BackupLab;
  /** Where a store can be restored to. */
  into: string;
  folder: string;
  work: string;
}

async function backedUp(): Promise<BackedUp> {
  await using closing = new AsyncDisposableStack();
  const lab = closing.use(await BackupLab.open());
  const work = closing.use(await tempFolder());
  const into = join(work.path, "new");
  const made = await backup({
    memoryRoot: lab.root,
    into: join(work.path, "all"),
    keepDays: 1,
    version: "1",
  });
  const kept = closing.move();
  return {
    lab,
    into,
    work: work.path,
    folder: made.folder,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

describe("a restored store", () => {
  it("holds all that was acknowledged, for its owner only", async () => {
    await using test = await backedUp();

    const { folder } = await restore({ items: backupItems(test.folder), into: test.into });

    expect(await lost(folder, test.lab.acked)).toEqual([]);
    expect(await damageIn(folder)).toEqual([]);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, "_meta/binding.key"))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).not.toContain("BACKUP.json");
    expect((await stat(inFirst(folder, "knowledge/a/over.md"))).nlink).toBe(2);
  });

  it("may go into an empty folder, and into no other", async () => {
    await using test = await backedUp();
    await mkdir(test.into);
    await restore({ items: backupItems(test.folder), into: test.into });

    const again = restore({ items: backupItems(test.folder), into: test.into });

    await expect(again).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("a link as the place of a restored store", () => {
  it.each(["to an empty folder", "that leads nowhere"])(
    "is refused before any work is done: %s",
    async (where) => {
      await using test = await backedUp();
      const target = join(test.work, "target");
      if (where === "to an empty folder") await mkdir(target);
      await symlink(target, test.into);
      const before = await readdir(test.work);
      let files = 0;

      const restoring = restore({
        items: backupItems(test.folder),
        into: `${test.into}/`,
        progress: () => files++,
      });

      await expect(restoring).rejects.toMatchObject({
        code: "conflict",
        message: expect.stringContaining("link"),
      });
      expect(files).toBe(0);
      expect(await readdir(test.work)).toEqual(before);
    },
  );
});

describe("a backup that is not what it was", () => {
  const changes: Record<string, (folder: string) => Promise<unknown>> = {
    "a byte more": (folder) => writeFile(inFirst(folder, "identity.json"), " ", { flag: "a" }),
    "a file less": (folder) => rm(inFirst(folder, "identity.json")),
    "a file more": (folder) => writeFile(join(folder, "more.txt"), "more"),
    "a link": (folder) => symlink("/etc/passwd", join(folder, "link")),
    "no BACKUP.json": (folder) => rm(join(folder, "BACKUP.json")),
    "no files.sha256": (folder) => rm(join(folder, "files.sha256")),
  };

  it.each(Object.entries(changes))("is not restored: %s", async (_name, change) => {
    await using test = await backedUp();
    await change(test.folder);

    const restoring = restore({ items: backupItems(test.folder), into: test.into });

    await expect(restoring).rejects.toMatchObject({ code: "damaged" });
    expect(await readdir(test.work)).toEqual(["all"]);
  });
});

describe("the command", () => {
  it("restores, verifies, and says what the machines have to do", async () => {
    await using test = await backedUp();

    const { code, stdout, stderr } = await runProgram(
      [MAIN, "restore", test.folder, "--into", test.into, "--verify"],
      {},
    );

    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("nothing is damaged");
    expect(stdout).toContain("memory-sync sync --recheck");
    const { made_at: madeAt } = JSON.parse(await readFile(join(test.folder, "BACKUP.json"), "utf8"));
    expect(stdout).toContain(`Machines that joined after ${madeAt} must join again`);
    expect(stdout).toContain("Tokens revoked since then are valid again: federated-memory token list");
  });

  it("names the newest backup where it is given the folder that backups are made in", async () => {
    await using test = await backedUp();
    const all = dirname(test.folder);

    const restored = await runProgram([MAIN, "restore", all, "--into", test.into], {});
    const verified = await runProgram([MAIN, "verify", all], {});

    expect([restored.code, verified.code]).toEqual([2, 2]);
    expect(restored.stderr).toContain(`federated-memory restore ${test.folder} --into ${test.into}\n`);
    expect(verified.stderr).toContain(`federated-memory verify ${test.folder}\n`);
    expect(await readdir(test.work)).toEqual(["all"]);
  });

  it("says of how much it is whole, of a store and of its backup alike", async () => {
    await using test = await backedUp();
    await runProgram([MAIN, "restore", test.folder, "--into", test.into], {});
    const about = JSON.parse(await readFile(join(test.folder, "BACKUP.json"), "utf8"));

    const looks = await Promise.all(
      [test.folder, test.into].map((place) => runProgram([MAIN, "verify", place, "--json"], {})),
    );
    const [backup, store] = looks.map(({ stdout }) => JSON.parse(stdout));
    const said = await runProgram([MAIN, "verify", test.into], {});

    expect(store).toMatchObject({ whole: true, files: about.files, bytes: about.bytes });
    expect(backup).toMatchObject({ whole: true, files: about.files, archives: store.archives });
    expect(store.archives).toBeGreaterThan(1);
    expect(said.stdout).toContain(
      `in ${about.files} files (${store.archives} archives of sessions), ${about.bytes} bytes`,
    );
  });

  it("says of a folder that it is neither a store nor a backup", async () => {
    await using work = await tempFolder();

    const { code, stderr } = await runProgram([MAIN, "verify", work.path], {});

    expect(code).toBe(1);
    expect(stderr).toBe(
      `There is neither a store of a server nor a backup in ${work.path}\nName a MEMORY_ROOT, or a folder or a tar that \`federated-memory backup\` made\n`,
    );
  });

  it("fails on damage and names the file, never what is in it", async () => {
    await using test = await backedUp();
    await writeFile(inFirst(test.folder, "knowledge/a/over.md"), "# secret text\n");

    const { code, stdout } = await runProgram([MAIN, "verify", test.folder, "--json"], {});

    expect(code).toBe(1);
    expect(stdout).toContain('"manifest.differs"');
    expect(stdout).toContain("knowledge/a/over.md");
    expect(stdout).not.toContain("secret");
  });

  it("takes no --against for a tar", async () => {
    await using test = await backedUp();
    const tar = join(test.work, "one.tar");
    await backupTar({ memoryRoot: test.lab.root, to: tar, version: "1" });

    const { code, stderr } = await runProgram([MAIN, "verify", tar, "--against", test.folder], {});

    expect(code).toBe(2);
    expect(stderr).toContain("--against compares a MEMORY_ROOT");
  });

  it.each([
    [["verify", "TAR"]],
    [["restore", "TAR", "--into", "NEW"]],
    [["verify", "--against", "TAR"]],
    [["verify", "--against", "STORE"]],
  ])("says in the same words what is no backup: %j", async (args) => {
    await using lab = await BackupLab.open();
    await using work = await tempFolder();
    const TAR = join(work.path, "none.tar");
    await writeFile(TAR, Buffer.alloc(1024));
    const places: Record<string, string> = { TAR, STORE: lab.root, NEW: join(work.path, "new") };

    const { code, stderr } = await runProgram([MAIN, ...args.map((arg) => places[arg] ?? arg)], {
      MEMORY_ROOT: lab.root,
    });

    expect(code).toBe(1);
    expect(stderr).toContain("There is no BACKUP.json: this is no backup, or one that was cut short");
    expect(stderr).toContain("that `federated-memory backup` made");
  });

  it.each([
    [["backup"], 2],
    [["backup", "a", "b"], 2],
    [["backup", "a", "--keep", "0"], 2],
    [["restore", "nowhere"], 2],
    [["restore", "/nowhere/at/all", "--into", "/tmp/never"], 1],
    [["verify", "/nowhere/at/all"], 1],
    [["backup", "--bogus"], 2],
    [["backup", "--tar", "/nowhere/at/all", "--keep", "3"], 2],
    [["backup", "--tar", "-", "--json"], 2],
  ])("exits like the others: %j", async (args, expected) => {
    const { code, stderr } = await runProgram([MAIN, ...args], { MEMORY_ROOT: "/nowhere/at/all" });

    expect(code).toBe(expected);
    expect(stderr).not.toContain("    at ");
  });
});

it("leaves no store, or a whole one, when it is killed anywhere", async () => {
  await using test = await backedUp();
  const halves: string[] = [];

  for (let round = 0; round < 12; round += 1) {
    const into = join(test.work, `killed-${round}`);
    const child = spawn(process.execPath, [MAIN, "restore", test.folder, "--into", into], {
      env: childEnv(),
      stdio: "ignore",
    });
    const ended = once(child, "exit");
    await sleep(150 + 40 * round);
    child.kill("SIGKILL");
    await ended;
    const names = await readdir(into).catch(() => undefined);
    if (names !== undefined && (await lost(into, test.lab.acked)).length > 0) halves.push(into);
  }

  expect(halves).toEqual([]);
  expect(await readFile(join(test.folder, "BACKUP.json"), "utf8")).toContain("made_at");
}, 120_000);
