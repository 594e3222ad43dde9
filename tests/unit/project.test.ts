import { execFile } from "node:child_process";
import { mkdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { projectOf } from "../../client/archive/project.ts";
import { originNameOf } from "../../client/archive/repository.ts";
import { workspaceFor } from "../../client/archive/workspace.ts";
import type { Manifest } from "../../contract/manifest.ts";
import { tempFolder } from "../support/temp-folder.ts";

const run = promisify(execFile);
const NOBODY = "/nonexistent";

/** git without anything that this machine or an outer git may have told it. */
async function git(folder: string, ...args: string[]): Promise<void> {
  const identity = [
    "-c",
    "user.name=test",
    "-c",
    "user.email=test@example.com",
    "-c",
    "protocol.file.allow=always",
  ];
  await run("git", [...identity, ...args], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
    },
  });
}

/** A repository with one commit; `origin` is its remote, if given. */
async function makeRepository(path: string, origin?: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await git(path, "init", "--quiet");
  await git(path, "commit", "--quiet", "--allow-empty", "--message", "first");
  if (origin !== undefined) await git(path, "remote", "add", "origin", origin);
}

async function workplace(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await tempFolder();
  return { path: await realpath(folder.path), [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

async function projectAt(cwd: string | undefined, userHome: string): Promise<string> {
  return projectOf({ cwd }, userHome);
}

function manifest(cwd: string, names: Partial<Manifest> = {}): Manifest {
  const project = names.project ?? "named";
  return {
    workspace_id: `laptop-claude-code-${project}`,
    machine: "laptop",
    tool: "claude-code",
    project,
    cwd,
    tracked: [],
    tracked_dirs: [],
    ...names,
  };
}

describe("the project of a folder", () => {
  it("is called like the remote origin, wherever in the repository the folder is", async () => {
    await using work = await workplace();
    const root = join(work.path, "checkout-3");
    await makeRepository(root, "git@example.com:me/webshop.git");
    await mkdir(join(root, "src/deep"), { recursive: true });

    expect(await projectAt(root, NOBODY)).toBe("webshop");
    expect(await projectAt(join(root, "src/deep"), NOBODY)).toBe("webshop");
  });

  it("is called like the repository's folder without a remote, and like the folder without git", async () => {
    await using work = await workplace();
    await makeRepository(join(work.path, "orchard"));
    await mkdir(join(work.path, "orchard/src"));
    await mkdir(join(work.path, "notes"));

    expect(await projectAt(join(work.path, "orchard/src"), NOBODY)).toBe("orchard");
    expect(await projectAt(join(work.path, "notes"), NOBODY)).toBe("notes");
  });

  it("is one for all worktrees, with and without a remote", async () => {
    await using work = await workplace();
    for (const [name, origin] of [
      ["with", "https://example.com/me/webshop"],
      ["without", undefined],
    ] as const) {
      await makeRepository(join(work.path, name), origin);
      await git(join(work.path, name), "worktree", "add", "--quiet", join(work.path, `${name}-fix`));
    }

    expect(await projectAt(join(work.path, "with-fix"), NOBODY)).toBe("webshop");
    expect(await projectAt(join(work.path, "without-fix"), NOBODY)).toBe("without");
  });

  it("is the main repository's for the worktree of a repository that was deleted or is bare", async () => {
    await using work = await workplace();
    await makeRepository(join(work.path, "orchard"));
    await git(join(work.path, "orchard"), "worktree", "add", "--quiet", join(work.path, "fix-1"));
    await git(
      work.path,
      "clone",
      "--quiet",
      "--bare",
      join(work.path, "orchard"),
      join(work.path, "shop/.bare"),
    );
    await git(join(work.path, "shop/.bare"), "remote", "remove", "origin");
    await git(join(work.path, "shop/.bare"), "worktree", "add", "--quiet", join(work.path, "shop/fix-2"));
    await rm(join(work.path, "orchard"), { recursive: true });

    expect(await projectAt(join(work.path, "fix-1"), NOBODY)).toBe("orchard");
    expect(await projectAt(join(work.path, "shop/fix-2"), NOBODY)).toBe("shop");
  });

  it("is a submodule's own", async () => {
    await using work = await workplace();
    await makeRepository(join(work.path, "library"));
    await makeRepository(join(work.path, "shop"), "https://example.com/me/webshop.git");
    await git(
      join(work.path, "shop"),
      "submodule",
      "--quiet",
      "add",
      join(work.path, "library"),
      "vendor/lib",
    );

    expect(await projectAt(join(work.path, "shop/vendor/lib"), NOBODY)).toBe("library");
  });

  it("of a deleted folder is its repository's only if the repository holds it", async () => {
    await using work = await workplace();
    await makeRepository(join(work.path, "shop"), "https://example.com/me/webshop.git");

    expect(await projectAt(join(work.path, "shop/src/gone"), NOBODY)).toBe("webshop");
    expect(await projectAt(join(work.path, "shop-wt.fix_1"), NOBODY)).toBe("shop-wt.fix_1");
  });

  it("is not the home folder's repository, but in the home folder itself", async () => {
    await using work = await workplace();
    await makeRepository(work.path, "https://example.com/me/dotfiles.git");
    await mkdir(join(work.path, "projects/notes"), { recursive: true });

    expect(await projectAt(join(work.path, "projects/notes"), work.path)).toBe("notes");
    expect(await projectAt(join(work.path, "projects/gone"), work.path)).toBe("gone");
    expect(await projectAt(work.path, work.path)).toBe("dotfiles");
  });

  it("of another system's path is its last name, of no path unknown", async () => {
    expect(await projectAt("C:\\Users\\me\\web shop\\", NOBODY)).toBe("web shop");
    expect(await projectAt("\\\\server\\share\\webshop", NOBODY)).toBe("webshop");
    expect(await projectAt("/gone/日本語", NOBODY)).toBe("日本語");
    expect(await projectAt("/", NOBODY)).toBe("unknown");
    expect(await projectAt("/gone/---", NOBODY)).toBe("unknown");
    expect(await projectAt("", NOBODY)).toBe("unknown");
    expect(await projectAt(undefined, NOBODY)).toBe("unknown");
  });

  it("of a folder that is gone or elsewhere is the repository that was noted, of one that is here its own", async () => {
    await using work = await workplace();
    await makeRepository(work.path, "https://example.com/me/outer.git");
    const repository = "webshop";

    expect(await projectOf({ cwd: join(work.path, "gone/fix-1"), repository }, NOBODY)).toBe("webshop");
    expect(await projectOf({ cwd: "D:\\src\\fix-1", repository }, NOBODY)).toBe("webshop");
    expect(await projectOf({ repository }, NOBODY)).toBe("webshop");
    expect(await projectOf({ cwd: work.path, repository }, NOBODY)).toBe("outer");
    expect(await projectOf({ cwd: "/gone/shop", repository: "---" }, NOBODY)).toBe("shop");
  });

  it("survives a broken repository", async () => {
    await using work = await workplace();
    await mkdir(join(work.path, "empty/.git"), { recursive: true });
    await mkdir(join(work.path, "dangling"));
    await writeFile(join(work.path, "dangling/.git"), "gitdir: ../nowhere\n");
    await mkdir(join(work.path, "garbage"));
    await writeFile(join(work.path, "garbage/.git"), Buffer.alloc(5000, 0xff));

    expect(await projectAt(join(work.path, "empty"), NOBODY)).toBe("empty");
    expect(await projectAt(join(work.path, "dangling"), NOBODY)).toBe("dangling");
    expect(await projectAt(join(work.path, "garbage"), NOBODY)).toBe("garbage");
  });
});

describe("the name in a git config", () => {
  it.each([
    ['[remote "origin"]\n\turl = https://example.com/me/shop.git\n', "shop"],
    ['[remote "origin"]\n\turl = ssh://git@example.com:22/~me/shop/\n', "shop"],
    ['[remote "origin"]\r\n\turl = git@example.com:shop.git\r\n', "shop"],
    ['[remote "origin"]\n url = "C:\\\\repos\\\\my shop.git" ; local\n', "my shop"],
    ['[remote "origin"] url = /srv/git/shop.git # here\n', "shop"],
    ["[REMOTE.Origin]\nURL=file:///srv/shop\n", "shop"],
    ['[remote "origin"]\nurl = /srv/shop/.git\n', "shop"],
    ['[remote "origin"]\nurl = /srv/\\\nshop\n', "shop"],
    ['[remote "origin"]\nurl = https://example.com/a.git\nurl = https://example.com/b.git\n', "a"],
    ['[remote "Origin"]\nurl = https://example.com/upper.git\n', undefined],
    ['[remote "fork"]\nurl = https://example.com/fork.git\n[core]\nurl = x\n', undefined],
    ['[remote "origin"]\npushurl = https://example.com/push.git\n', undefined],
    ['[remote "origin"]\nurl =\n', undefined],
    ["", undefined],
  ])("%j → %s", (config, name) => {
    expect(originNameOf(config)).toBe(name);
  });
});

describe("the workspace of a transcript", () => {
  const elsewhere = { machine: "laptop", userHome: NOBODY };

  it("is this machine, the client and the project when no manifest claims it", async () => {
    expect(
      await workspaceFor({ client: "codex", cwd: "/gone/shop" }, { ...elsewhere, manifests: [] }),
    ).toEqual({
      machine: "laptop",
      tool: "codex",
      project: "shop",
    });
    expect(
      await workspaceFor({ client: "codex" }, { ...elsewhere, manifests: [manifest("/")] }),
    ).toMatchObject({
      project: "unknown",
    });
  });

  it("is that of the manifest whose folder holds it, the longest first, of the same tool only", async () => {
    const manifests = [
      manifest("/gone", { project: "outer" }),
      manifest("/gone/shop", { project: "shop", machine: "desk" }),
      manifest("/gone/shop/api", { project: "api", tool: "codex" }),
      manifest("/gone/sho", { project: "prefix" }),
    ];

    const workspace = await workspaceFor(
      { client: "claude-code", cwd: "/gone/shop/api" },
      { ...elsewhere, manifests },
    );

    expect(workspace).toEqual({
      machine: "desk",
      tool: "claude-code",
      project: "shop",
      workspace_id: "laptop-claude-code-shop",
    });
  });

  it("knows a manifest's folder by ~ and through links", async () => {
    await using work = await workplace();
    await mkdir(join(work.path, "real/shop"), { recursive: true });
    await symlink(join(work.path, "real"), join(work.path, "link"));
    const context = { machine: "laptop", userHome: work.path, manifests: [manifest("~/link/shop")] };

    const workspace = await workspaceFor(
      { client: "claude-code", cwd: join(work.path, "real/shop/src") },
      context,
    );

    expect(workspace).toMatchObject({ project: "named" });
  });

  it("counts the worktrees of a repository as one, but a worktree's own manifest first", async () => {
    await using work = await workplace();
    const main = join(work.path, "shop");
    await makeRepository(main);
    for (const name of ["fix-1", "fix-2"])
      await git(main, "worktree", "add", "--quiet", join(work.path, name));
    const manifests = [
      manifest(join(work.path, "fix-1"), { project: "fix" }),
      manifest(main, { project: "main" }),
    ];
    const projectFor = async (folder: string): Promise<string> =>
      (
        await workspaceFor(
          { client: "claude-code", cwd: join(work.path, folder) },
          { ...elsewhere, manifests },
        )
      ).project;

    expect(await projectFor("shop")).toBe("main");
    expect(await projectFor("fix-1")).toBe("fix");
    expect(await projectFor("fix-2")).toBe("main");
  });
});
