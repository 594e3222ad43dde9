import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonEdit } from "../../client/edit/json-edit.ts";
import { readSetup } from "../../client/edit/setup-record.ts";
import { blockEdit } from "../../client/edit/text-block.ts";
import { parseJson } from "../../contract/json.ts";
import { changeIn, editLab, editOf, HOOKED_SETTINGS, hookWant, readIn } from "../support/edit-lab.ts";

const settings = editOf("settings");
const stop = jsonEdit([hookWant("Stop", 30)]);

describe("what others change after an install", () => {
  it.each([
    ["before ours", '"opus"', '"sonnet"'],
    ["a comment at the beginning", "{\n  ", "// by hand\n{\n  "],
    ["a property before ours", '  "model"', '  "verbose": true,\n  "model"'],
    ["behind the end", /$/, "// the end\n"],
    ["layout before ours", '"model": ', '"model"  :\n    '],
  ])("stays as it is: %s", async (_, from, to) => {
    await using lab = await editLab(HOOKED_SETTINGS);
    await lab.install(settings);
    await changeIn(lab, (text) => text.replace(from, to));

    const result = await lab.uninstall(settings);

    expect(result.state).toBe("done");
    expect(await readIn(lab)).toBe(HOOKED_SETTINGS.replace(from, to));
  });

  it("stays when it is a property behind ours", async () => {
    await using lab = await editLab(HOOKED_SETTINGS);
    await lab.install(settings);
    await changeIn(lab, (text) => text.replace(/\n\}\n$/, ',\n  "verbose": true\n}\n'));

    await lab.uninstall(settings);

    expect(await readIn(lab)).toBe(HOOKED_SETTINGS.replace(/\n\}\n$/, ',\n  "verbose": true\n}\n'));
  });

  it("stays when it is in what we made", async () => {
    await using lab = await editLab("{}\n");
    await lab.install(stop);
    await changeIn(lab, (text) =>
      text.replace('"Stop": [', '"Start": [1],\n    "Stop": [\n      {"mine": []},'),
    );

    await lab.uninstall(stop);

    expect(parseJson(await readIn(lab))).toEqual({ hooks: { Start: [1], Stop: [{ mine: [] }] } });
  });

  it("stays when it is beside ours in our own group", async () => {
    await using lab = await editLab("{}\n");
    await lab.install(stop);
    const mine = { type: "command", command: "say bye" };
    await changeIn(lab, (text) =>
      text.replace('"hooks": [\n          {', `"hooks": [${JSON.stringify(mine)},{`),
    );

    await lab.uninstall(stop);

    expect(parseJson(await readIn(lab))).toEqual({ hooks: { Stop: [{ hooks: [mine] }] } });
  });

  it("goes when it is in an entry of ours", async () => {
    await using lab = await editLab(HOOKED_SETTINGS);
    await lab.install(settings);
    await changeIn(lab, (text) => text.replace('"timeout": 30', '"timeout": 60'));

    const result = await lab.uninstall(settings);

    expect(result).toMatchObject({ state: "done", how: "structure" });
    expect(await readIn(lab)).toBe(HOOKED_SETTINGS);
  });

  it("is told when it is in a list behind ours, for it moves", async () => {
    await using lab = await editLab('{"hooks":{"Stop":[1]}}');
    await lab.install(stop);
    await changeIn(lab, (text) => text.replace("]}}", ",2]}}"));

    const again = await lab.install(stop);
    const back = await lab.uninstall(stop);

    expect(again.state).toBe("already");
    expect(back).toMatchObject({ state: "done", shifted: ["hooks.Stop"] });
    expect(await readIn(lab)).toBe('{"hooks":{"Stop":[1,2]}}');
  });

  it("is backed up before it is edited, what nobody changed is not", async () => {
    await using lab = await editLab(HOOKED_SETTINGS);
    await lab.install(settings);
    const [first = ""] = await lab.backups();
    await changeIn(lab, (text) => text.replace("opus", "sonnet"));
    const changed = await readIn(lab);

    await lab.uninstall(settings);
    const [, second = ""] = await lab.backups();

    const copies = [first, second].map((name) => join(lab.home.root, "backups", name));
    expect(await Promise.all(copies.map((path) => readFile(path, "utf8")))).toEqual([
      HOOKED_SETTINGS,
      changed,
    ]);
    expect((await stat(copies[0] ?? "")).mode & 0o777).toBe(0o600);
  });

  it("is left alone where nobody can tell it from ours", async () => {
    await using lab = await editLab(HOOKED_SETTINGS);
    await lab.install(settings);
    await changeIn(lab, (text) => text.replace('"model":', '"model"'));
    const broken = await readIn(lab);

    const [again, back] = [await lab.install(settings), await lab.uninstall(settings)];

    expect([again.state, back.state]).toEqual(["refused", "refused"]);
    expect(await readIn(lab)).toBe(broken);
    expect(await readSetup(lab.home)).toHaveLength(1);
  });

  it("may be that ours is gone", async () => {
    await using lab = await editLab(HOOKED_SETTINGS);
    await lab.install(settings);
    await changeIn(lab, () => HOOKED_SETTINGS);

    const result = await lab.uninstall(settings);

    expect(result).toEqual({ state: "gone" });
    expect(await readIn(lab)).toBe(HOOKED_SETTINGS);
    expect(await readSetup(lab.home)).toEqual([]);
  });

  it("may be that the file is gone", async () => {
    await using lab = await editLab(HOOKED_SETTINGS);
    await lab.install(settings);
    await rm(lab.path);

    const result = await lab.uninstall(settings);

    expect(result).toEqual({ state: "gone" });
    expect(await lab.files()).toEqual([]);
  });

  it("stays line by line around a block", async () => {
    fc.assert(
      fc.property(
        fc.array(line()),
        fc.array(line()),
        fc.array(line()),
        fc.boolean(),
        (before, more, behind, isEnded) => {
          const edit = blockEdit({ name: "memory-sync", lines: ["ours"] });
          const original = before.join("\n") + (isEnded && before.length > 0 ? "\n" : "");
          const plan = edit.plan(original);
          if (plan.state !== "insert") throw new Error("nothing of ours is there");
          const installed = original + (plan.insertions[0]?.text ?? "");
          const changed = [...more, installed].join("\n") + behind.map((text) => `${text}\n`).join("");

          const rest = edit.withoutOurs(changed, []);

          const kept = [...more, ...linesOf(original), ...behind];
          expect(rest !== "nothing" && "text" in rest ? linesOf(rest.text) : rest).toEqual(kept);
        },
      ),
    );
  });

  it("stays a line of its own behind a file that had no line break at its end", async () => {
    await using lab = await editLab("export A=1");
    await lab.install(editOf("shell"));
    await changeIn(lab, (text) => `${text}export B=2\n`);

    await lab.uninstall(editOf("shell"));

    expect(await readIn(lab)).toBe("export A=1\nexport B=2\n");
  });

  it("stays in a TOML file, also in our table but outside our block", async () => {
    await using lab = await editLab('model = "x"\n');
    await lab.install(editOf("codex-config"));
    await changeIn(lab, (text) => `# top\n${text}[tui]\na = 1\n`);

    const result = await lab.uninstall(editOf("codex-config"));

    expect(result.state).toBe("done");
    expect(await readIn(lab)).toBe('# top\nmodel = "x"\n[tui]\na = 1\n');
  });
});

function line(): fc.Arbitrary<string> {
  return fc.constantFrom("a", "", "# >>> other >>>", "b # <<< memory-sync <<<");
}

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
