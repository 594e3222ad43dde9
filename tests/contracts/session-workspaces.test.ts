import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failAt } from "../support/faults.ts";
import {
  ID,
  WORKSPACE,
  lines,
  sessionStore,
  upload,
  type SessionStoreLab,
} from "../support/session-store.ts";

const BAD = "bad-workspace-here";

/** Two workspaces with a session each; the folder of one is then a link, or a file. */
async function withBadWorkspace(kind: "link" | "file"): Promise<SessionStoreLab> {
  const lab = await sessionStore();
  for (const workspace of [BAD, WORKSPACE]) await lab.store.upload(workspace, upload(ID, lines(3)));
  const folder = join(lab.path, "workspaces", BAD, "sessions");
  await rename(folder, join(lab.path, "elsewhere"));
  await (kind === "link" ? symlink(join(lab.path, "elsewhere"), folder) : writeFile(folder, "mine"));
  return lab;
}

describe("a workspace whose folder is a link or a file", () => {
  it.each(["link", "file"] as const)("hides no other and stops no start: %s", async (kind) => {
    await using lab = await withBadWorkspace(kind);
    const restarted = lab.restart();

    await restarted.recover([BAD, WORKSPACE]);

    for (const store of [lab.store, restarted]) {
      const { entries } = await store.list([BAD, WORKSPACE], {});
      expect(entries.map(({ workspace_id }) => workspace_id)).toEqual([WORKSPACE]);
      expect(await store.counts(BAD)).toEqual({ sessions: 0, bytes: 0 });
      expect(await store.archives(BAD)).toEqual([]);
      expect(await store.archives(WORKSPACE)).toHaveLength(1);
    }
  });

  it("says so to whoever opens it, and is whole again afterwards", async () => {
    await using lab = await withBadWorkspace("link");
    const forbidden = { code: "forbidden" };

    await expect(lab.store.list([BAD], {})).rejects.toMatchObject(forbidden);
    await expect(lab.store.get(BAD, ID)).rejects.toMatchObject(forbidden);
    await expect(lab.store.page(BAD, ID, "raw", {})).rejects.toMatchObject(forbidden);
    await expect(lab.store.upload(BAD, upload(ID, lines(4)))).rejects.toMatchObject(forbidden);
    await rm(join(lab.path, "workspaces", BAD, "sessions"));
    await rename(join(lab.path, "elsewhere"), join(lab.path, "workspaces", BAD, "sessions"));
    expect(await lab.store.get(BAD, ID)).toMatchObject({ lines: 3 });
  });
});

describe("recovery", () => {
  it("makes the names of all archives durable, and acknowledges nothing when it cannot", async () => {
    await using lab = await sessionStore();
    await lab.store.upload(WORKSPACE, upload(ID, lines(3)));
    const outcomes: string[] = [];

    for (let at = 1; ; at += 1) {
      const store = lab.restart();
      const fault = await failAt(at, "EIO");
      await store.recover([WORKSPACE]);
      const { reached } = fault;
      fault[Symbol.dispose]();
      const uploading = store.upload(WORKSPACE, upload(ID, lines(3)));
      outcomes.push(
        await uploading.then(
          ({ status }) => status,
          (error: Error) => error.message,
        ),
      );
      expect(await store.get(WORKSPACE, ID)).toMatchObject({ lines: 3 });
      if (!reached) break;
    }

    const unsynced = outcomes.filter((outcome) => outcome.includes("did not confirm a write"));
    // The workspace, its sessions, the year and the month.
    expect(unsynced).toHaveLength(4);
    expect(outcomes.at(-1)).toBe("unchanged");
  });

  it("removes temporary files, not folders of that name", async () => {
    await using lab = await sessionStore();
    await lab.store.upload(WORKSPACE, upload(ID, lines(3)));
    const sessions = join(lab.path, "workspaces", WORKSPACE, "sessions");
    await mkdir(join(sessions, ".tmp-folder"));
    await writeFile(join(sessions, "2026", ".tmp-1-aa"), "half");

    await lab.restart().recover([WORKSPACE]);

    expect((await lab.files()).filter((name) => name.includes(".tmp-"))).toEqual([]);
  });
});
