import { mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { workspaceIdOf } from "../../contract/names.ts";
import { LIMITS } from "../../contract/limits.ts";
import { sha256 } from "../../disk/digest.ts";
import { WorkspaceRegistry } from "../../server/workspaces/registry.ts";
import { memoryRoot } from "../support/memory-root.ts";

const SHOP = { machine: "Laptop", tool: "Claude Code", project: "Webshop" };
const SHOP_ID = "laptop-claude-code-webshop";
const TWIN = { machine: "laptop", tool: "claude", project: "code-webshop" };

describe("registering", () => {
  it("makes a workspace once, whatever the spelling", async () => {
    await using root = await memoryRoot();
    const registry = await WorkspaceRegistry.open(root.path, root.guard);

    const first = await registry.register({ ...SHOP, project: " Webshop " }, " Orders ");
    const second = await registry.register({ machine: "LAPTOP", tool: "claude_code", project: "webshop" });

    expect(first).toMatchObject({
      created: true,
      identity: {
        id: SHOP_ID,
        machine: "Laptop",
        tool: "Claude Code",
        project: "Webshop",
        description: "Orders",
      },
    });
    expect(second).toEqual({ created: false, identity: first.identity });
    expect(registry.list()).toEqual([first.identity]);
  });

  it("asks whether an id is allowed before it makes anything, also for the id of a collision", async () => {
    await using root = await memoryRoot();
    const registry = await WorkspaceRegistry.open(root.path, root.guard);
    await registry.register(SHOP);
    const asked: string[] = [];
    const refuse = (id: string) => {
      asked.push(id);
      throw new Error("not allowed");
    };

    await expect(registry.register(TWIN, undefined, refuse)).rejects.toThrow("not allowed");
    await expect(registry.register(SHOP, undefined, refuse)).rejects.toThrow("not allowed");

    expect(asked).toEqual([expect.stringMatching(new RegExp(`^${SHOP_ID}-[0-9a-f]{6}$`)), SHOP_ID]);
    expect(await readdir(join(root.path, "workspaces"))).toEqual([SHOP_ID]);
  });

  it("makes one workspace of many registrations at once", async () => {
    await using root = await memoryRoot();
    const registry = await WorkspaceRegistry.open(root.path, root.guard);

    const answers = await Promise.all(Array.from({ length: 8 }, () => registry.register(SHOP)));

    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(answers.map(({ identity }) => identity.id))).toEqual(new Set([SHOP_ID]));
  });

  it("gives the later of two names with one id a digest, and keeps it", async () => {
    await using root = await memoryRoot();
    const registry = await WorkspaceRegistry.open(root.path, root.guard);
    await registry.register(SHOP);

    const { identity, created } = await registry.register(TWIN);

    expect(workspaceIdOf(TWIN)).toBe(SHOP_ID);
    expect(created).toBe(true);
    expect(identity.id).toMatch(new RegExp(`^${SHOP_ID}-[0-9a-f]{6}$`));
    const again = await WorkspaceRegistry.open(root.path, root.guard);
    expect(await again.register(TWIN)).toEqual({ identity, created: false });
    expect((await again.register(SHOP)).identity.id).toBe(SHOP_ID);
  });

  it("never makes two folders that some file system takes for one", async () => {
    await using root = await memoryRoot();
    const registry = await WorkspaceRegistry.open(root.path, root.guard);
    await registry.register({ ...SHOP, project: "straße" });

    const { identity } = await registry.register({ ...SHOP, project: "strasse" });

    expect(identity.id).toMatch(/^laptop-claude-code-strasse-[0-9a-f]{6}$/);
  });

  it("stops at the limit", async () => {
    await using root = await memoryRoot();
    await plantIdentities(root.path, LIMITS.workspaces.count - 1);
    const registry = await WorkspaceRegistry.open(root.path, root.guard);

    await registry.register(SHOP);

    await expect(registry.register(TWIN)).rejects.toMatchObject({ code: "too_large" });
    expect((await registry.register(SHOP)).created).toBe(false);
  });

  it("refuses a description beyond its limit", async () => {
    await using root = await memoryRoot();
    const registry = await WorkspaceRegistry.open(root.path, root.guard);

    const tooLong = registry.register(SHOP, "x".repeat(LIMITS.workspaces.descriptionBytes + 1));

    await expect(tooLong).rejects.toMatchObject({ code: "invalid_input" });
    expect((await registry.register(SHOP, "x".repeat(LIMITS.workspaces.descriptionBytes))).created).toBe(
      true,
    );
  });
});

describe("secrets of a workspace", () => {
  it("keeps only the hash of a write token, and only the last one counts", async () => {
    await using root = await memoryRoot();
    const registry = await WorkspaceRegistry.open(root.path, root.guard);
    await registry.register(SHOP);

    const first = await registry.issueWriteToken(SHOP_ID);
    const second = await registry.issueWriteToken(SHOP_ID);

    expect(first).toMatch(/^fmwt_[A-Za-z0-9_-]{43}$/);
    expect(second).not.toBe(first);
    const reopened = await WorkspaceRegistry.open(root.path, root.guard);
    expect(reopened.get(SHOP_ID)?.write_token_hash).toBe(sha256(second));
    const stored = await Promise.all([
      readFile(join(root.path, "workspaces", SHOP_ID, "identity.json"), "utf8"),
      readFile(join(root.path, "_meta/workspaces.json"), "utf8"),
    ]);
    expect(stored.join("")).not.toContain("fmwt_");
    expect(stored[1]).not.toContain(sha256(second));
  });

  it("counts epochs, across restarts", async () => {
    await using root = await memoryRoot();
    const registry = await WorkspaceRegistry.open(root.path, root.guard);
    await registry.register(SHOP);

    await registry.bumpEpoch(SHOP_ID);
    await registry.bumpEpoch(SHOP_ID);

    expect((await WorkspaceRegistry.open(root.path, root.guard)).get(SHOP_ID)?.epoch).toBe(2);
  });

  it("says so when there is no such workspace", async () => {
    await using root = await memoryRoot();
    const registry = await WorkspaceRegistry.open(root.path, root.guard);

    await expect(registry.issueWriteToken("a-b-c")).rejects.toMatchObject({ code: "not_found" });
    await expect(registry.bumpEpoch("a-b-c")).rejects.toMatchObject({ code: "not_found" });
  });

  it("is readable by the server's user only", async () => {
    await using root = await memoryRoot();
    const registry = await WorkspaceRegistry.open(root.path, root.guard);
    await registry.register(SHOP);

    const modes = await Promise.all(
      [`workspaces/${SHOP_ID}`, `workspaces/${SHOP_ID}/identity.json`, "_meta/workspaces.json"].map(
        async (path) => (await stat(join(root.path, path))).mode & 0o777,
      ),
    );

    expect(modes).toEqual([0o700, 0o600, 0o600]);
  });
});

describe("the registry file (O4)", () => {
  it("is rebuilt from the identities when it is missing", async () => {
    await using root = await memoryRoot();
    const file = join(root.path, "_meta/workspaces.json");
    await (await WorkspaceRegistry.open(root.path, root.guard)).register(SHOP);
    const before = await readFile(file, "utf8");
    await rm(file);

    await WorkspaceRegistry.open(root.path, root.guard);

    expect(await readFile(file, "utf8")).toBe(before);
    expect(JSON.parse(before)).toMatchObject({ workspaces: [{ id: SHOP_ID, project: "Webshop" }] });
  });

  it("is set aside with its bytes and rebuilt when it is torn", async () => {
    await using root = await memoryRoot();
    const meta = join(root.path, "_meta");
    await (await WorkspaceRegistry.open(root.path, root.guard)).register(SHOP);
    const before = await readFile(join(meta, "workspaces.json"), "utf8");
    await truncate(join(meta, "workspaces.json"), 20);

    const registry = await WorkspaceRegistry.open(root.path, root.guard);

    expect(registry.get(SHOP_ID)).toBeDefined();
    expect(await readFile(join(meta, "workspaces.json"), "utf8")).toBe(before);
    const aside = (await readdir(meta)).filter((name) => name.startsWith("workspaces.json.damaged-"));
    expect(aside).toHaveLength(1);
    expect(await readFile(join(meta, aside[0] ?? ""), "utf8")).toBe(before.slice(0, 20));
  });

  it("keeps three generations", async () => {
    await using root = await memoryRoot();
    const meta = join(root.path, "_meta");
    const registry = await WorkspaceRegistry.open(root.path, root.guard);
    const contents: string[] = [];

    for (let index = 0; index < 5; index++) {
      await registry.register({ ...SHOP, project: `p${index}` });
      contents.unshift(await readFile(join(meta, "workspaces.json"), "utf8"));
    }

    const kept = ["workspaces.json", "workspaces.json.1", "workspaces.json.2", "workspaces.json.3"];
    expect(await Promise.all(kept.map((name) => readFile(join(meta, name), "utf8")))).toEqual(
      contents.slice(0, 4),
    );
    expect((await readdir(meta)).filter((name) => name.startsWith("workspaces.json"))).toHaveLength(4);
  });
});

describe("a start after damage", () => {
  it.each([
    ["torn", '{"id":"laptop-cla'],
    ["empty", ""],
    ["of another workspace", JSON.stringify({ ...SHOP, id: "a-b-c", created_at: "2026-01-01T00:00:00Z" })],
    ["of another shape", '{"id":7}'],
  ])("names a workspace whose identity is %s, and keeps its bytes", async (_, content) => {
    await using root = await memoryRoot();
    const registry = await WorkspaceRegistry.open(root.path, root.guard);
    await registry.register(SHOP);
    await registry.register({ ...SHOP, project: "other" });
    const identity = join(root.path, "workspaces", SHOP_ID, "identity.json");
    await writeFile(identity, content);

    const reopened = await WorkspaceRegistry.open(root.path, root.guard);

    expect(reopened.damaged).toEqual([SHOP_ID]);
    expect(reopened.list().map(({ id }) => id)).toEqual(["laptop-claude-code-other"]);
    await expect(reopened.register(SHOP)).rejects.toMatchObject({ code: "damaged" });
    expect(await readFile(identity, "utf8")).toBe(content);
  });

  it("never hands a workspace that lost its identity to the next who registers", async () => {
    await using root = await memoryRoot();
    await (await WorkspaceRegistry.open(root.path, root.guard)).register(SHOP);
    await writeFile(join(root.path, "workspaces", SHOP_ID, "overview.md"), "# Mine");
    await rm(join(root.path, "workspaces", SHOP_ID, "identity.json"));

    const reopened = await WorkspaceRegistry.open(root.path, root.guard);

    expect(reopened.damaged).toEqual([SHOP_ID]);
    await expect(reopened.register(SHOP)).rejects.toMatchObject({ code: "damaged" });
  });

  it("is not disturbed by a registration that was cut short", async () => {
    await using root = await memoryRoot();
    const folder = join(root.path, "workspaces", SHOP_ID);
    await mkdir(folder);
    await writeFile(join(folder, ".tmp-1-ab"), "{");

    const registry = await WorkspaceRegistry.open(root.path, root.guard);

    expect(registry.list()).toEqual([]);
    expect(registry.damaged).toEqual([]);
    expect((await registry.register(SHOP)).created).toBe(true);
    expect(await readdir(folder)).toEqual(["identity.json"]);
  });

  it("does not follow a link to a workspace, and ignores what is none", async () => {
    await using root = await memoryRoot();
    await using elsewhere = await memoryRoot();
    await (await WorkspaceRegistry.open(elsewhere.path, elsewhere.guard)).register(SHOP);
    await symlink(join(elsewhere.path, "workspaces", SHOP_ID), join(root.path, "workspaces", SHOP_ID));
    await mkdir(join(root.path, "workspaces", "lost+found"));
    await writeFile(join(root.path, "workspaces", ".DS_Store"), "");

    const registry = await WorkspaceRegistry.open(root.path, root.guard);

    expect(registry.list()).toEqual([]);
    expect(registry.damaged).toEqual([SHOP_ID]);
  });
});

/** Writes identities as another process would have, without the time their registration takes. */
async function plantIdentities(root: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const name = { machine: "m", tool: "t", project: `p${index}` };
    const id = workspaceIdOf(name);
    await mkdir(join(root, "workspaces", id));
    const identity = { ...name, id, created_at: "2026-01-01T00:00:00.000Z", epoch: 0 };
    await writeFile(join(root, "workspaces", id, "identity.json"), JSON.stringify(identity));
  }
}
