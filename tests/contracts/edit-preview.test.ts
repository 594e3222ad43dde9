import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unifiedDiff } from "../../client/edit/diff.ts";
import { jsonEdit } from "../../client/edit/json-edit.ts";
import { previewPutIn, previewTakeBack } from "../../client/edit/preview.ts";
import { readSetup } from "../../client/edit/setup-record.ts";
import { editLab, editOf, HOOKED_SETTINGS, hookWant } from "../support/edit-lab.ts";

const settings = editOf("settings");

describe("a preview", () => {
  it("shows the difference and changes nothing", async () => {
    await using lab = await editLab('{\n  "a": 1\n}\n');
    const before = await lab.files();

    const shown = await previewPutIn(lab.home, lab.path, jsonEdit([{ ...hookWant("Stop", 30), value: 1 }]));

    expect(shown).toEqual({
      diff: [
        `--- ${lab.path}`,
        `+++ ${lab.path}`,
        "@@ -1,3 +1,8 @@",
        " {",
        '-  "a": 1',
        '+  "a": 1,',
        '+  "hooks": {',
        '+    "Stop": [',
        "+      1",
        "+    ]",
        "+  }",
        " }",
        "",
      ].join("\n"),
    });
    expect([await lab.files(), await lab.backups(), await readSetup(lab.home)]).toEqual([before, [], []]);
  });

  it("is empty when there is nothing to do, and shows what would be taken out", async () => {
    await using lab = await editLab(HOOKED_SETTINGS);
    await lab.install(settings);

    const [again, back] = [
      await previewPutIn(lab.home, lab.path, settings),
      await previewTakeBack(lab.home, lab.path, settings),
    ];

    expect(again).toEqual({ diff: "" });
    expect(
      "diff" in back && back.diff.split("\n").filter((text) => text.includes("memory-sync")),
    ).toHaveLength(3);
  });

  it("says why nothing can be done", async () => {
    await using lab = await editLab("[]");

    expect(await previewPutIn(lab.home, lab.path, settings)).toEqual({
      kind: "unfit",
      why: "what it holds is not an object",
    });
  });
});

describe("unifiedDiff", () => {
  it("leads from one text to the other", () => {
    const lines = fc.array(fc.constantFrom("a", "b", "c\r", ""), { maxLength: 20 });
    const text = fc
      .tuple(lines, fc.boolean())
      .map(([all, isEnded]) => all.join("\n") + (isEnded ? "\n" : ""));

    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(patched(before, unifiedDiff("f", before, after))).toBe(after);
      }),
    );
  });

  it.each([
    ["a\nb\nc\n", "a\nB\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"],
    ["", "a\n", "@@ -0,0 +1,1 @@\n+a\n"],
    ["a", "a\n", "@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n"],
    [
      "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
      "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n",
      "@@ -1,3 +1,4 @@\n+0\n 1\n 2\n 3\n@@ -7,3 +8,4 @@\n 7\n 8\n 9\n+10\n",
    ],
  ])("of %j and %j", (before, after, hunks) => {
    expect(unifiedDiff("f", before, after)).toBe(`--- f\n+++ f\n${hunks}`);
  });
});

/** What `patch` makes of a text. */
function patched(before: string, diff: string): string {
  const old = before.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const lines: string[] = [];
  let at = 0;
  let last = "";
  for (const line of diff.split("\n").slice(2, -1)) {
    const [, start, count] = /^@@ -(\d+),(\d+) /.exec(line) ?? [];
    const sign = line.charAt(0);
    if (start !== undefined)
      for (const to = Number(start) - (count === "0" ? 0 : 1); at < to;) lines.push(old[at++] ?? "");
    if (sign === "+") lines.push(`${line.slice(1)}\n`);
    if (sign === "\\" && last === "+") lines.push((lines.pop() ?? "").slice(0, -1));
    if (sign === " ") lines.push(old[at] ?? "");
    if (sign === " " || sign === "-") at += 1;
    last = sign;
  }
  return [...lines, ...old.slice(at)].join("");
}
