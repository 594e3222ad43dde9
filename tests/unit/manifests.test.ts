import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { environmentOf } from "../../client/home/home.ts";
import { autoMemoryFolder, claudeSlug } from "../../client/manifest/auto-memory.ts";
import { draftManifest, hasManifest, saveManifest } from "../../client/manifest/create.ts";
import { compileGlob, globFault } from "../../client/manifest/glob.ts";
import { loadManifests } from "../../client/manifest/load.ts";
import { trackedFiles } from "../../client/manifest/tracked-files.ts";
import { LIMITS } from "../../contract/limits.ts";
import { Manifest } from "../../contract/manifest.ts";
import { tempFolder } from "../support/temp-folder.ts";

const NAME = {
  workspace_id: "laptop-claude-code-webshop",
  machine: "laptop",
  tool: "claude-code",
  project: "webshop",
};

async function folderFixture(files: Record<string, string> = {}) {
  const folder = await tempFolder();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder.path, name)), { recursive: true });
    await writeFile(join(folder.path, name), content);
  }
  return { ...folder, home: environmentOf({ MEMORY_SYNC_HOME: folder.path }).home };
}

describe("compileGlob", () => {
  it.each([
    ["*.md", ["a.md", "ä b.md"], ["x/a.md", "a.mdx", ".hidden.md", "a"]],
    ["**/*.md", ["a.md", "x/a.md", "x/y/a.md"], [".git/a.md", "x/.a.md", "a.txt"]],
    ["**", ["a", "x/y"], [".a", "x/.y"]],
    ["docs/**/*.{md,txt}", ["docs/a.md", "docs/x/y/a.txt"], ["a.md", "docs/a.rst"]],
    ["[a-c]?.md", ["ax.md", "cé.md"], ["dx.md", "a.md"]],
    ["[!a].md", ["b.md"], ["a.md", "/.md"]],
    [".notes/*.md", [".notes/a.md"], ["notes/a.md"]],
    ["./a+(b).md", ["a+(b).md"], ["aab.md"]],
    ["a[.md", ["a[.md"], ["a.md"]],
    ["a{b.md", ["a{b.md"], ["ab.md"]],
    ["[a&b].md", ["a.md", "&.md"], ["c.md"]],
    ["[~x].md", ["~.md", "x.md"], ["y.md"]],
    ["[z-a].md", [], ["z.md", "-.md", "a.md"]],
    [String.raw`[a-\d].md`, ["d.md"], ["5.md", "a.md"]],
    ["[z-ax].md", ["x.md"], ["z.md"]],
    ["[]-]x.md", ["]x.md", "-x.md"], ["x.md"]],
    ["[😀-😎].md", ["😃.md"], ["😐.md"]],
    ["[^a].md", ["^.md", "a.md"], ["b.md"]],
    ["[!].md", ["[!].md"], ["a.md"]],
    ["[].md", ["[].md"], ["a.md"]],
  ])("%s", (pattern, yes, no) => {
    const matches = compileGlob(pattern);

    expect(yes.filter((path) => !matches(path))).toEqual([]);
    expect(no.filter((path) => matches(path))).toEqual([]);
  });

  it("takes any text, and an ordinary name means itself", () => {
    const special = fc.string({ unit: fc.constantFrom(...Array.from("[]{}()!^$.*+?|\\/&~-,ab\ud800😀")) });
    const anything = fc.oneof(special, fc.string({ unit: "binary" }));
    const holds = fc.check(
      fc.property(anything, fc.stringMatching(/^[a-z0-9_ é😀-]+$/u), (glob, name) => {
        globFault(glob);
        compileGlob(glob)(name);
        return compileGlob(name)(name);
      }),
      { numRuns: 2000 },
    );

    expect(fc.defaultReportMessage(holds)).toBeUndefined();
  });

  it("takes the deepest nesting that its limit allows", () => {
    const deep = "{".repeat(LIMITS.client.globChars - 1);

    expect(compileGlob(`${deep}}`)("a")).toBe(false);
  });
});

describe("globFault", () => {
  it.each([
    ["**/*.{md,txt}", undefined],
    ["[a-z][!&~][]-]", undefined],
    ["notes/[z-a].md", 'the range "z-a" ends before it begins'],
    [String.raw`[a-\d]`, String.raw`the range "a-\" ends before it begins`],
    ["x".repeat(LIMITS.client.globChars + 1), `longer than ${LIMITS.client.globChars} characters`],
  ])("%s", (glob, fault) => {
    expect(globFault(glob)).toBe(fault);
  });
});

describe("loadManifests", () => {
  it("reports a bad manifest by its file name and uses the others", async () => {
    await using folder = await folderFixture({
      "manifests/good.json": JSON.stringify(NAME),
      "manifests/typo.json": JSON.stringify({ ...NAME, tracked_dir: [] }),
      "manifests/inner.json": JSON.stringify({ ...NAME, tracked: [{ local: "a", uplaod: "b" }] }),
      "manifests/torn.json": "{",
      "manifests/notes.txt": "not a manifest",
    });

    const { manifests, faults } = await loadManifests(folder.home);

    expect(manifests).toEqual([{ ...NAME, tracked: [], tracked_dirs: [] }]);
    expect(faults).toMatchObject([
      { file: "inner.json", hint: 'Did you mean "upload"?' },
      { file: "torn.json", message: expect.stringContaining("not valid JSON") },
      { file: "typo.json", message: 'unknown key "tracked_dir"', hint: 'Did you mean "tracked_dirs"?' },
    ]);
  });

  it("reports a manifest with a bad glob and uses the others", async () => {
    await using folder = await folderFixture({
      "manifests/bad.json": JSON.stringify({
        ...NAME,
        tracked_dirs: [{ local: "a" }, { local: "b", glob: "[z-a]" }],
      }),
      "manifests/good.json": JSON.stringify(NAME),
    });

    const { manifests, faults } = await loadManifests(folder.home);

    expect(manifests).toHaveLength(1);
    expect(faults).toMatchObject([
      { file: "bad.json", message: 'tracked_dirs[1].glob: the range "z-a" ends before it begins' },
    ]);
  });

  it("finds none before there is a folder", async () => {
    await using folder = await folderFixture();

    expect(await loadManifests(folder.home)).toEqual({ manifests: [], faults: [] });
  });
});

describe("trackedFiles", () => {
  it("finds single files and folders, and says what cannot be sent", async () => {
    await using folder = await folderFixture({
      "notes/design.md": "# Design",
      "memory/MEMORY.md": "index",
      "memory/deep/fact.md": "fact",
      "memory/script.sh": "no",
      "memory/con.md": "a device on Windows",
      "memory/huge.md": "x".repeat(LIMITS.knowledge.fileBytes + 1),
      "secret.txt": "secret",
    });
    await symlink(join(folder.path, "secret.txt"), join(folder.path, "memory/link.md"));
    const manifest = Manifest.parse({
      ...NAME,
      tracked: [
        { local: "~/notes/design.md", upload: "design.md" },
        { local: "~/gone.md", upload: "gone.md" },
      ],
      tracked_dirs: [{ local: "~/memory", upload_prefix: "auto/" }],
    });

    const { files, faults, missing } = await trackedFiles(manifest, folder.path);

    expect(files.map(({ upload }) => upload).sort()).toEqual([
      "auto/MEMORY.md",
      "auto/deep/fact.md",
      "design.md",
    ]);
    expect(faults.map(({ path }) => path).sort()).toEqual([
      join(folder.path, "memory/con.md"),
      join(folder.path, "memory/huge.md"),
    ]);
    expect(missing).toEqual([join(folder.path, "gone.md")]);
  });

  it("sends one of two files that claim one place", async () => {
    await using folder = await folderFixture({ "a.md": "a", "b.md": "b" });
    const manifest = Manifest.parse({
      ...NAME,
      tracked: ["a", "b"].map((name) => ({ local: `~/${name}.md`, upload: "same.md" })),
    });

    const { files, faults } = await trackedFiles(manifest, folder.path);

    expect(files).toHaveLength(1);
    expect(faults).toMatchObject([{ path: join(folder.path, "b.md") }]);
  });
});

describe("a new manifest", () => {
  const request = {
    workspaceId: NAME.workspace_id,
    machine: "laptop",
    tool: "claude-code",
    project: "webshop",
  };

  it("tracks the instruction files once and Claude Code's notes", async () => {
    await using folder = await folderFixture({ "shop/AGENTS.md": "rules" });
    const cwd = join(folder.path, "shop");
    await symlink("AGENTS.md", join(cwd, "CLAUDE.md"));
    const autoMemory = await autoMemoryFolder(join(folder.path, ".claude"), cwd, folder.path);

    const manifest = await draftManifest({ ...request, cwd, autoMemory, userHome: folder.path });
    await saveManifest(folder.home, manifest);

    expect(manifest).toMatchObject({
      cwd: "~/shop",
      tracked: [{ local: "~/shop/CLAUDE.md", upload: "CLAUDE.md" }],
      tracked_dirs: [
        { local: `~/.claude/projects/${claudeSlug(cwd)}/memory`, upload_prefix: "auto/", glob: "**/*.md" },
      ],
    });
    expect(await hasManifest(folder.home, NAME.workspace_id)).toBe(true);
    expect((await loadManifests(folder.home)).manifests).toEqual([manifest]);
  });

  it("tracks instruction files that are not there yet", async () => {
    await using folder = await folderFixture({ "shop/README.md": "r" });
    const cwd = join(folder.path, "shop");

    const drafted = await draftManifest({ ...request, cwd, autoMemory: undefined, userHome: folder.path });
    const before = await trackedFiles(drafted, folder.path);
    await writeFile(join(cwd, "CLAUDE.md"), "# Rules\n");
    const after = await trackedFiles(drafted, folder.path);
    const gone = await trackedFiles(drafted, folder.path, ({ upload }) => upload === "AGENTS.md");

    expect(drafted.tracked).toEqual([
      { local: "~/shop/CLAUDE.md", upload: "CLAUDE.md", optional: true },
      { local: "~/shop/AGENTS.md", upload: "AGENTS.md", optional: true },
    ]);
    expect(before).toEqual({ files: [], faults: [], missing: [] });
    expect(after).toMatchObject({ files: [{ upload: "CLAUDE.md" }], faults: [], missing: [] });
    expect(gone.missing).toEqual([join(cwd, "AGENTS.md")]);
  });

  it("does not track a link that leads out of the project", async () => {
    await using folder = await folderFixture({ secret: "s", "shop/README.md": "r" });
    const cwd = join(folder.path, "shop");
    await symlink("../secret", join(cwd, "CLAUDE.md"));

    const manifest = await draftManifest({ ...request, cwd, autoMemory: undefined, userHome: folder.path });

    expect(manifest.tracked.map(({ upload }) => upload)).toEqual(["AGENTS.md"]);
  });
});

describe("the folder of Claude Code's notes", () => {
  it.each([
    ['{"autoMemoryDirectory":"/srv/notes"}', "/srv/notes"],
    ['{"autoMemoryDirectory":"~/notes","model":"x"}', "/home/me/notes"],
    ['{"autoMemoryDirectory":"notes"}', undefined],
    ['{"autoMemoryDirectory":7}', undefined],
    ["{ // comment", undefined],
  ])("follows the user's settings %s", async (settings, expected) => {
    await using folder = await folderFixture({ "settings.json": settings });

    const found = await autoMemoryFolder(folder.path, "/src/shop", "/home/me");

    expect(found).toBe(expected ?? join(folder.path, "projects/-src-shop/memory"));
  });
});

describe("claudeSlug", () => {
  it.each([
    ["/home/dev/proj", "-home-dev-proj"],
    ["/home/dev/日本語/x", "-home-dev-----x"],
    ["C:\\Users\\me", "C--Users-me"],
  ])("%s", (path, slug) => {
    expect(claudeSlug(path)).toBe(slug);
  });

  it("cuts a long path and tells it from others by a hash", () => {
    const [one, two] = ["a", "b"].map((end) => claudeSlug(`/${"x".repeat(250)}${end}`));

    expect(one).toMatch(/^-x{199}-[0-9a-z]{1,6}$/);
    expect(one).not.toBe(two);
  });
});
