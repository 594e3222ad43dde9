import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { jsonEdit } from "../../client/edit/json-edit.ts";
import { parseJsonc } from "../../client/edit/jsonc.ts";
import { putIn } from "../../client/edit/put-in.ts";
import { readSetup, SetupRecord } from "../../client/edit/setup-record.ts";
import { failAt } from "../support/faults.ts";
import { editLab, editOf, HOOKED_SETTINGS, hookWant, readIn } from "../support/edit-lab.ts";

/** More calls than an edit makes. */
const ENDLESS = 200;
const settings = editOf("settings");

describe("a later install", () => {
  it("replaces what an earlier one put in, and still goes back to every byte", async () => {
    const later = jsonEdit([
      {
        ...hookWant("SessionEnd", 30),
        value: { hooks: [{ command: "'/new/memory-sync' claude-hook" }] },
        isStale,
      },
    ]);
    await using lab = await editLab(HOOKED_SETTINGS);
    await lab.install(settings);

    const result = await lab.install(later);
    const text = await readIn(lab);
    const back = await lab.uninstall(later);

    expect([result.state, back]).toMatchObject(["done", { how: "exact" }]);
    expect(text).toContain("/new/memory-sync");
    expect(text).not.toContain("/home/me");
    expect(await readIn(lab)).toBe(HOOKED_SETTINGS);
  });

  it("that fails at any rename leaves a way back to every byte, of what the earlier one put in too", async () => {
    const [first, later] = [
      jsonEdit([hookWant("Stop", 30)]),
      jsonEdit([hookWant("Stop", 30), hookWant("PreCompact", 10)]),
    ];
    const left = new Set<string>();
    let isReached = true;

    for (let at = 1; isReached && at < ENDLESS; at++) {
      await using lab = await editLab("\n");
      await lab.install(first);
      {
        await using record = await SetupRecord.open(lab.home);
        using injected = await failAt(at, "EIO", "rename");
        await putIn(record, lab.path, later).catch(() => undefined);
        isReached = injected.reached;
      }
      await lab.uninstall(later);
      left.add(await readIn(lab));
    }

    expect([isReached, ...left]).toEqual([false, "\n"]);
  });

  it("finds what is there when the record got lost, and the record is set aside when it is damaged", async () => {
    await using lab = await editLab(HOOKED_SETTINGS);
    await lab.install(settings);
    await writeFile(join(lab.home.root, "setup.json"), "{");

    const again = await lab.install(settings);
    const record = await readSetup(lab.home);
    const back = await lab.uninstall(settings);

    expect(record).toMatchObject([{ path: lab.path, state: "done", insertions: [], made_file: false }]);
    expect([again.state, back]).toMatchObject(["already", { state: "done", how: "structure" }]);
    expect(parseJsonc(await readIn(lab)).faults).toEqual([]);
    expect(await readIn(lab)).not.toContain("memory-sync");
    expect(
      (await readdir(lab.home.root)).filter((name) => name.startsWith("setup.json.damaged-")),
    ).toHaveLength(1);
  });
});

function isStale(value: unknown): boolean {
  return !JSON.stringify(value).includes("/new/");
}
