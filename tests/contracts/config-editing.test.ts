import { globSync } from "node:fs";
import { chmod, mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join, parse } from "node:path";
import { describe, expect, it } from "vitest";
import { editLab, editOf } from "../support/edit-lab.ts";

const SAMPLES = join(import.meta.dirname, "../fixtures/setup");
const GOLDEN = join(import.meta.dirname, "../golden/setup");
const samples = globSync("*/*.{json,toml,sh}", { cwd: SAMPLES }).sort();
/** What is left as it is, with a word on why. */
const REFUSED = new Set([
  "claude/foreign-memory.json",
  "claude/servers-null.json",
  "codex-config/broken.toml",
  "codex-config/foreign-memory.toml",
  "codex-config/inline-servers.toml",
  "settings/broken.json",
  "settings/cut-off.json",
  "settings/event-object.json",
  "settings/hooks-list.json",
  "settings/hooks-null.json",
  "settings/latin-1.json",
  "settings/list.json",
  "settings/text.json",
  "settings/utf-16.json",
]);
const edited = samples.filter((sample) => !REFUSED.has(sample));
/** Something of ours is in them already, and goes too when ours is taken out. */
const older = edited.filter((sample) => sample.includes("older-"));
const foreign = edited.filter((sample) => !older.includes(sample));

describe.each(edited)("%s", (sample) => {
  it("is edited so", async () => {
    await using lab = await editLab(await bytesOf(sample));

    await lab.install(editOf(dirname(sample)));

    await expect(visible(await read(lab.path))).toMatchFileSnapshot(golden(sample, "installed"));
  });

  it("is edited once", async () => {
    await using lab = await editLab(await bytesOf(sample));
    const first = await lab.install(editOf(dirname(sample)));
    const before = [await lab.files(), await lab.backups(), await stat(lab.path)];

    const second = await lab.install(editOf(dirname(sample)));

    const after = [await lab.files(), await lab.backups(), await stat(lab.path)];
    expect([first.state, second.state]).toEqual(["done", "already"]);
    expect(after).toEqual(before);
  });
});

describe.each(foreign)("%s", (sample) => {
  it("is to the byte what it was when ours is taken out", async () => {
    await using lab = await editLab(await bytesOf(sample));
    const original = await lab.files();
    await lab.install(editOf(dirname(sample)));
    await lab.install(editOf(dirname(sample)));

    const back = await lab.uninstall(editOf(dirname(sample)));

    expect(back).toMatchObject({ state: "done", how: "exact" });
    expect(await lab.files()).toEqual(original);
  });

  it("stays behind its link, with its mode", async () => {
    await using lab = await editLab(undefined);
    const dotfiles = join(dirname(lab.path), "dotfiles");
    await mkdir(dotfiles);
    await writeFile(join(dotfiles, "real"), await bytesOf(sample));
    await chmod(join(dotfiles, "real"), 0o600);
    await symlink("dotfiles/real", lab.path);
    const original = await lab.files();

    await lab.install(editOf(dirname(sample)));
    const installed = await lab.files();
    await lab.uninstall(editOf(dirname(sample)));

    expect(installed).not.toEqual(original);
    expect(installed.map(withoutBytes)).toEqual(original.map(withoutBytes));
    expect(await lab.files()).toEqual(original);
  });

  it("goes back without a record, by what ours looks like", async () => {
    await using lab = await editLab(await bytesOf(sample));
    await lab.install(editOf(dirname(sample)));
    await rm(join(lab.home.root, "setup.json"));

    const back = await lab.uninstall(editOf(dirname(sample)));
    const left = await read(lab.path);

    const { state } = await lab.install(editOf(dirname(sample)));
    expect([back, state]).toMatchObject([{ state: "done", how: "structure" }, "done"]);
    expect(left).not.toMatch(/memory-sync'|memory\.example/);
  });
});

it.each(older)("nothing of ours is left in %s", async (sample) => {
  await using lab = await editLab(await bytesOf(sample));
  await lab.install(editOf(dirname(sample)));

  await lab.uninstall(editOf(dirname(sample)));

  await expect(visible(await read(lab.path))).toMatchFileSnapshot(golden(sample, "uninstalled"));
});

it.each([...REFUSED])("%s is left as it is", async (sample) => {
  await using lab = await editLab(await bytesOf(sample));
  const original = await lab.files();

  const result = await lab.install(editOf(dirname(sample)));

  expect([await lab.files(), await lab.backups()]).toEqual([original, []]);
  const said = result.state === "refused" ? [result.why, ...result.lines] : [];
  await expect(visible(said.join("\n"))).toMatchFileSnapshot(golden(sample, "refused"));
});

it("convicts a writer that formats anew", async () => {
  const sound: string[] = [];

  for (const sample of edited.filter((name) => name.endsWith(".json"))) {
    const text = await read(join(SAMPLES, sample));
    if (rewritten(text) === text) sound.push(sample);
  }

  expect(sound).toEqual(["codex-hooks/empty.json", "settings/hooks-empty.json"]);
});

/** As a program edits that parses, adds, removes and writes. */
function rewritten(text: string): string | undefined {
  try {
    return `${JSON.stringify(JSON.parse(text), null, 2)}\n`;
  } catch {
    return undefined;
  }
}

function bytesOf(sample: string): Promise<Buffer> {
  return readFile(join(SAMPLES, sample));
}

function golden(sample: string, what: string): string {
  return join(GOLDEN, dirname(sample), `${parse(sample).name}.${what}.txt`);
}

function withoutBytes(file: string): string {
  return file.split(" ").slice(0, 2).join(" ");
}

function read(path: string): Promise<string> {
  return readFile(path, "utf8");
}

/** What an editor does not show. */
function visible(text: string): string {
  return `${text.replace("\uFEFF", "<BOM>").replaceAll("\r", "␍")}<END>\n`;
}
