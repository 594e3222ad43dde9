import { writeFileSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Edit } from "../../client/edit/edit.ts";
import { jsonEdit } from "../../client/edit/json-edit.ts";
import { readSetup } from "../../client/edit/setup-record.ts";
import { parseJson } from "../../contract/json.ts";
import { LIMITS } from "../../contract/limits.ts";
import { changeIn, editLab, editOf, HOOKED_SETTINGS, hookWant, readIn } from "../support/edit-lab.ts";

/** More calls than an edit makes. */
const ENDLESS = 200;
const settings = editOf("settings");
const stop = jsonEdit([hookWant("Stop", 30)]);

describe("a file", () => {
  it("that is missing is made, with its folders, and goes again with them", async () => {
    await using lab = await editLab(undefined);
    const path = join(dirname(lab.path), "a/b/hooks.json");

    await lab.install(stop, path);
    const made = await lab.files();
    const back = await lab.uninstall(stop, path);

    expect(made.map((file) => file.split(" ").slice(0, 2).join(" "))).toEqual([
      "a 700",
      "a/b 700",
      "a/b/hooks.json 600",
    ]);
    expect(back).toEqual({ state: "removed" });
    expect(await lab.files()).toEqual([]);
  });

  it("that we made stays with what others put into it", async () => {
    await using lab = await editLab(undefined);
    await lab.install(stop);
    await changeIn(lab, (text) => text.replace("{", '{\n  "mine": 1,'));

    const result = await lab.uninstall(stop);

    expect(result.state).toBe("done");
    expect(parseJson(await readIn(lab))).toEqual({ mine: 1 });
  });

  it("is left as it is when it is read-only, for root too", async () => {
    await using lab = await editLab(HOOKED_SETTINGS, 0o444);

    const result = await lab.install(settings);

    expect(result).toMatchObject({ state: "refused", why: "It is read-only" });
    expect([await readIn(lab), await lab.backups(), await readSetup(lab.home)]).toEqual([
      HOOKED_SETTINGS,
      [],
      [],
    ]);
  });

  it("that is a link to nothing is left as it is", async () => {
    await using lab = await editLab(undefined);
    await symlink("nowhere", lab.path);

    const result = await lab.install(settings);

    expect(result).toMatchObject({ state: "refused", why: "It is a link that leads nowhere" });
  });

  it("in a file, or behind links in a circle, is left as it is", async () => {
    await using lab = await editLab("{}");
    const circle = `${lab.path}.link`;
    await symlink(circle, circle);

    const results = [await lab.install(stop, join(lab.path, "hooks.json")), await lab.install(stop, circle)];

    expect(results.map(({ state }) => state)).toEqual(["refused", "refused"]);
  });

  it("that is a folder is left as it is", async () => {
    await using lab = await editLab(undefined);
    await mkdir(lab.path);

    expect((await lab.install(settings)).state).toBe("refused");
  });

  it("that is too large is left as it is", async () => {
    await using lab = await editLab(Buffer.alloc(LIMITS.client.editedFileBytes + 1, " "));

    expect(await lab.install(settings)).toMatchObject({ state: "refused" });
  });

  it("of two megabytes is edited as a small one", async () => {
    const projects = Object.fromEntries(
      Array.from({ length: 4000 }, (_, index) => [
        `/home/me/${index}`,
        { history: [`${index}`.repeat(100)] },
      ]),
    );
    const text = JSON.stringify({ projects, numStartups: 1 }, null, 2);
    await using lab = await editLab(text, 0o600);
    const original = await lab.files();

    await lab.install(editOf("claude"));
    const edited = parseJson(await readIn(lab));
    await lab.uninstall(editOf("claude"));

    expect(text.length).toBeGreaterThan(1_500_000);
    expect(edited).toMatchObject({ mcpServers: { memory: { type: "http" } } });
    expect(await lab.files()).toEqual(original);
  });

  it("that changes while it is edited is read again", async () => {
    await using lab = await editLab('{"a":1}');
    const busy = meddling(stop, 1, () => writeFileSync(lab.path, '{"a":2}'));

    const result = await lab.install(busy);

    expect(result.state).toBe("done");
    expect(parseJson(await readIn(lab))).toMatchObject({ a: 2, hooks: { Stop: [{}] } });
  });

  it("that changes all the time is left to the others", async () => {
    await using lab = await editLab('{"a":1}');
    let turn = 0;
    const busy = meddling(stop, ENDLESS, () => writeFileSync(lab.path, `{"b":${(turn += 1)}}`));

    const result = await lab.install(busy);

    expect(result).toMatchObject({ state: "refused", why: "The file changed while it was being edited" });
    expect(await readIn(lab)).toBe(`{"b":${turn}}`);
    expect(await readSetup(lab.home)).toEqual([]);
  });
});

/** An edit during which somebody else writes: after the file was read, for the first so many plans. */
function meddling(edit: Edit, times: number, write: () => void): Edit {
  let left = times;
  return {
    ...edit,
    plan(text) {
      if (left-- > 0) write();
      return edit.plan(text);
    },
  };
}
