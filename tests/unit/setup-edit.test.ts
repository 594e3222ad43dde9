import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unifiedDiff } from "../../client/edit/diff.ts";
import type { Edit } from "../../client/edit/edit.ts";
import { applyInsertions } from "../../client/edit/insertions.ts";
import { jsonEdit } from "../../client/edit/json-edit.ts";
import { parseJsonc } from "../../client/edit/jsonc.ts";
import { previewPutIn, previewTakeBack } from "../../client/edit/preview.ts";
import { putIn } from "../../client/edit/put-in.ts";
import { readSetup, SetupRecord } from "../../client/edit/setup-record.ts";
import { takeOut } from "../../client/edit/take-out.ts";
import { takeBack } from "../../client/edit/take-back.ts";
import { planBlock, withoutBlock } from "../../client/edit/text-block.ts";
import { parseJson } from "../../contract/json.ts";
import { LIMITS } from "../../contract/limits.ts";
import { sha256 } from "../../disk/digest.ts";
import { failAt } from "../support/faults.ts";
import { EDITS, editLab, hookWant, type EditLab } from "../support/edit-lab.ts";

const VICTIM = fileURLToPath(new URL("../support/edit-victim.ts", import.meta.url));
/** More calls than an edit makes. */
const ENDLESS = 200;
const SETTINGS = `{
  "model": "opus", // mine
  "hooks": {
    "SessionEnd": [
      { "hooks": [{ "type": "command", "command": "say bye" }] }
    ]
  }
}
`;
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
    await using lab = await editLab(SETTINGS);
    await lab.install(settings);
    await change(lab, (text) => text.replace(from, to));

    const result = await lab.uninstall(settings);

    expect(result.state).toBe("done");
    expect(await read(lab)).toBe(SETTINGS.replace(from, to));
  });

  it("stays when it is a property behind ours", async () => {
    await using lab = await editLab(SETTINGS);
    await lab.install(settings);
    await change(lab, (text) => text.replace(/\n\}\n$/, ',\n  "verbose": true\n}\n'));

    await lab.uninstall(settings);

    expect(await read(lab)).toBe(SETTINGS.replace(/\n\}\n$/, ',\n  "verbose": true\n}\n'));
  });

  it("stays when it is in what we made", async () => {
    await using lab = await editLab("{}\n");
    await lab.install(stop);
    await change(lab, (text) =>
      text.replace('"Stop": [', '"Start": [1],\n    "Stop": [\n      {"mine": []},'),
    );

    await lab.uninstall(stop);

    expect(parseJson(await read(lab))).toEqual({ hooks: { Start: [1], Stop: [{ mine: [] }] } });
  });

  it("stays when it is beside ours in our own group", async () => {
    await using lab = await editLab("{}\n");
    await lab.install(stop);
    const mine = { type: "command", command: "say bye" };
    await change(lab, (text) =>
      text.replace('"hooks": [\n          {', `"hooks": [${JSON.stringify(mine)},{`),
    );

    await lab.uninstall(stop);

    expect(parseJson(await read(lab))).toEqual({ hooks: { Stop: [{ hooks: [mine] }] } });
  });

  it("goes when it is in an entry of ours", async () => {
    await using lab = await editLab(SETTINGS);
    await lab.install(settings);
    await change(lab, (text) => text.replace('"timeout": 30', '"timeout": 60'));

    const result = await lab.uninstall(settings);

    expect(result).toMatchObject({ state: "done", how: "structure" });
    expect(await read(lab)).toBe(SETTINGS);
  });

  it("is told when it is in a list behind ours, for it moves", async () => {
    await using lab = await editLab('{"hooks":{"Stop":[1]}}');
    await lab.install(stop);
    await change(lab, (text) => text.replace("]}}", ",2]}}"));

    const again = await lab.install(stop);
    const back = await lab.uninstall(stop);

    expect(again.state).toBe("already");
    expect(back).toMatchObject({ state: "done", shifted: ["hooks.Stop"] });
    expect(await read(lab)).toBe('{"hooks":{"Stop":[1,2]}}');
  });

  it("is backed up before it is edited, what nobody changed is not", async () => {
    await using lab = await editLab(SETTINGS);
    await lab.install(settings);
    const [first = ""] = await lab.backups();
    await change(lab, (text) => text.replace("opus", "sonnet"));
    const changed = await read(lab);

    await lab.uninstall(settings);
    const [, second = ""] = await lab.backups();

    const copies = [first, second].map((name) => join(lab.home.root, "backups", name));
    expect(await Promise.all(copies.map((path) => readFile(path, "utf8")))).toEqual([SETTINGS, changed]);
    expect((await stat(copies[0] ?? "")).mode & 0o777).toBe(0o600);
  });

  it("is left alone where nobody can tell it from ours", async () => {
    await using lab = await editLab(SETTINGS);
    await lab.install(settings);
    await change(lab, (text) => text.replace('"model":', '"model"'));
    const broken = await read(lab);

    const [again, back] = [await lab.install(settings), await lab.uninstall(settings)];

    expect([again.state, back.state]).toEqual(["refused", "refused"]);
    expect(await read(lab)).toBe(broken);
    expect(await readSetup(lab.home)).toHaveLength(1);
  });

  it("may be that ours is gone", async () => {
    await using lab = await editLab(SETTINGS);
    await lab.install(settings);
    await change(lab, () => SETTINGS);

    const result = await lab.uninstall(settings);

    expect(result).toEqual({ state: "gone" });
    expect(await read(lab)).toBe(SETTINGS);
    expect(await readSetup(lab.home)).toEqual([]);
  });

  it("may be that the file is gone", async () => {
    await using lab = await editLab(SETTINGS);
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
          const block = { name: "memory-sync", lines: ["ours"] };
          const original = before.join("\n") + (isEnded && before.length > 0 ? "\n" : "");
          const plan = planBlock(original, block);
          if (plan.state !== "insert") throw new Error("nothing of ours is there");
          const installed = original + (plan.insertions[0]?.text ?? "");
          const changed = [...more, installed].join("\n") + behind.map((text) => `${text}\n`).join("");

          const rest = withoutBlock(changed, block.name);

          const kept = [...more, ...linesOf(original), ...behind];
          expect(rest !== "nothing" && "text" in rest ? linesOf(rest.text) : rest).toEqual(kept);
        },
      ),
    );
  });

  it("stays a line of its own behind a file that had no line break at its end", async () => {
    await using lab = await editLab("export A=1");
    await lab.install(editOf("shell"));
    await change(lab, (text) => `${text}export B=2\n`);

    await lab.uninstall(editOf("shell"));

    expect(await read(lab)).toBe("export A=1\nexport B=2\n");
  });

  it("stays in a TOML file, also in our table but outside our block", async () => {
    await using lab = await editLab('model = "x"\n');
    await lab.install(editOf("codex-config"));
    await change(lab, (text) => `# top\n${text}[tui]\na = 1\n`);

    const result = await lab.uninstall(editOf("codex-config"));

    expect(result.state).toBe("done");
    expect(await read(lab)).toBe('# top\nmodel = "x"\n[tui]\na = 1\n');
  });
});

describe("any TOML file", () => {
  const pieces = fc.shuffledSubarray([
    "[t]\nb = 2 # c",
    "[[l]]\nc = 1979-05-27",
    "[mcp_servers.x]\ncommand = 'y'",
    "# >>> memory-sync >>>",
    "# <<< memory-sync <<<",
    '[s]\ntext = """\n# >>> memory-sync >>>\n[mcp_servers.memory]\n# <<< memory-sync <<<\n"""',
    "",
  ]);
  const toml = fc
    .tuple(pieces, fc.constantFrom("\n", "\r\n"), fc.constantFrom("", "\n"))
    .map(([all, eol, end]) => `a = 1\n${all.join("\n")}${end}`.replaceAll("\n", eol));

  it("keeps what others add before and behind ours", () => {
    const edit = editOf("codex-config");

    fc.assert(
      fc.property(toml, fc.boolean(), fc.boolean(), (text, isBefore, isBehind) => {
        const plan = edit.plan(text);
        if (plan.state !== "insert") throw new Error(`${plan.state}: ${text}`);
        const installed = applyInsertions(text, plan.insertions);
        const [before, behind] = [isBefore ? "z = 0\n" : "", isBehind ? "[y]\n" : ""];

        const rest = takeOut(before + installed + behind, [{ ...plan, sha_after: sha256(installed) }], edit);

        const kept = rest !== "nothing" && "text" in rest ? rest.text : "nothing is left";
        expect(edit.plan(installed)).toEqual({ state: "already" });
        expect(kept.replace(/\r?\n\[y\]/, "\n[y]")).toBe(
          before + (isBehind ? `${text.replace(/\r?\n$/, "")}\n` : text) + behind,
        );
      }),
    );
  });
});

describe("a later install", () => {
  it("replaces what an earlier one put in, and still goes back to every byte", async () => {
    const later = jsonEdit([
      {
        ...hookWant("SessionEnd", 30),
        value: { hooks: [{ command: "'/new/memory-sync' claude-hook" }] },
        isStale,
      },
    ]);
    await using lab = await editLab(SETTINGS);
    await lab.install(settings);

    const result = await lab.install(later);
    const text = await read(lab);
    const back = await lab.uninstall(later);

    expect([result.state, back]).toMatchObject(["done", { how: "exact" }]);
    expect(text).toContain("/new/memory-sync");
    expect(text).not.toContain("/home/me");
    expect(await read(lab)).toBe(SETTINGS);
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
      left.add(await read(lab));
    }

    expect([isReached, ...left]).toEqual([false, "\n"]);
  });

  it("finds what is there when the record got lost, and the record is set aside when it is damaged", async () => {
    await using lab = await editLab(SETTINGS);
    await lab.install(settings);
    await writeFile(join(lab.home.root, "setup.json"), "{");

    const again = await lab.install(settings);
    const record = await readSetup(lab.home);
    const back = await lab.uninstall(settings);

    expect(record).toMatchObject([{ path: lab.path, state: "done", insertions: [], made_file: false }]);
    expect([again.state, back]).toMatchObject(["already", { state: "done", how: "structure" }]);
    expect(parseJsonc(await read(lab)).faults).toEqual([]);
    expect(await read(lab)).not.toContain("memory-sync");
    expect(
      (await readdir(lab.home.root)).filter((name) => name.startsWith("setup.json.damaged-")),
    ).toHaveLength(1);
  });
});

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
    await change(lab, (text) => text.replace("{", '{\n  "mine": 1,'));

    const result = await lab.uninstall(stop);

    expect(result.state).toBe("done");
    expect(parseJson(await read(lab))).toEqual({ mine: 1 });
  });

  it("is left as it is when it is read-only, for root too", async () => {
    await using lab = await editLab(SETTINGS, 0o444);

    const result = await lab.install(settings);

    expect(result).toMatchObject({ state: "refused", why: "It is read-only" });
    expect([await read(lab), await lab.backups(), await readSetup(lab.home)]).toEqual([SETTINGS, [], []]);
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
    const edited = parseJson(await read(lab));
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
    expect(parseJson(await read(lab))).toMatchObject({ a: 2, hooks: { Stop: [{}] } });
  });

  it("that changes all the time is left to the others", async () => {
    await using lab = await editLab('{"a":1}');
    let turn = 0;
    const busy = meddling(stop, ENDLESS, () => writeFileSync(lab.path, `{"b":${(turn += 1)}}`));

    const result = await lab.install(busy);

    expect(result).toMatchObject({ state: "refused", why: "The file changed while it was being edited" });
    expect(await read(lab)).toBe(`{"b":${turn}}`);
    expect(await readSetup(lab.home)).toEqual([]);
  });
});

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
    await using lab = await editLab(SETTINGS);
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

describe.each(["install", "uninstall"] as const)("an %s", (act) => {
  it(
    "that is killed at any call leaves the old file or the new one, and a way back",
    { timeout: 120_000 },
    async () => {
      const faults: string[] = [];
      let isWhole = false;

      for (let at = 1; !isWhole && at < ENDLESS; at++) {
        await using lab = await editLab(SETTINGS);
        if (act === "uninstall") await lab.install(settings);
        isWhole = await runVictim(lab, act, at);
        faults.push(...(await faultsAfter(lab, at)));
      }

      expect([isWhole, faults]).toEqual([true, []]);
    },
  );

  it.each(["EIO", "ENOSPC", "EROFS"] as const)(
    "that meets %s at any call does so too",
    { timeout: 120_000 },
    async (code) => {
      const faults: string[] = [];
      const refusals = new Set<string>();
      let isReached = true;

      for (let at = 1; isReached && at < ENDLESS; at++) {
        await using lab = await editLab(SETTINGS);
        if (act === "uninstall") await lab.install(settings);
        {
          await using record = await SetupRecord.open(lab.home);
          using injected = await failAt(at, code);
          try {
            const result = await (act === "install" ? putIn : takeBack)(record, lab.path, settings);
            if (result.state === "refused") refusals.add(result.why);
          } catch {
            // Refused: what counts is what is on the disk.
          }
          isReached = injected.reached;
        }
        faults.push(...(await faultsAfter(lab, at)));
      }

      expect([isReached, faults]).toEqual([false, []]);
      expect(refusals.has("It is read-only")).toBe(code === "EROFS");
    },
  );
});

/** What is wrong with a file whose edit did not end, and with what is made of it afterwards: every other time another install. */
async function faultsAfter(lab: EditLab, at: number): Promise<string[]> {
  const faults: string[] = [];
  const text = await read(lab);
  if (text !== SETTINGS && !text.includes("PreCompact")) faults.push(`torn at ${at}`);
  const again = at % 2 === 0 ? await lab.install(settings) : undefined;
  if (again?.state === "refused") faults.push(`refused at ${at}: ${again.why}`);
  const back = await lab.uninstall(settings);
  if (back.state === "refused") faults.push(`refused at ${at}: ${back.why}`);
  const files = (await lab.files()).map((file) => file.split(" ").slice(0, 2).join(" "));
  if (files.join() !== "settings 644" || (await read(lab)) !== SETTINGS)
    faults.push(`not as before at ${at}: ${files.join()}`);
  return faults;
}

async function runVictim(lab: EditLab, act: string, at: number): Promise<boolean> {
  const victim = spawn(process.execPath, [VICTIM, lab.home.root, lab.path, act, `${at}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said = Buffer.concat(await victim.stdout.toArray()).toString();
  if (victim.exitCode === null && victim.signalCode === null) await once(victim, "exit");
  return said === "whole";
}

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

function isStale(value: unknown): boolean {
  return !JSON.stringify(value).includes("/new/");
}

async function change(lab: EditLab, edit: (text: string) => string): Promise<void> {
  await writeFile(lab.path, edit(await read(lab)));
}

function read(lab: EditLab): Promise<string> {
  return readFile(lab.path, "utf8");
}

function editOf(folder: string): Edit {
  const edit = EDITS[folder];
  if (edit === undefined) throw new Error(`no edit of ${folder}`);
  return edit;
}

function line(): fc.Arbitrary<string> {
  return fc.constantFrom("a", "", "# >>> other >>>", "b # <<< memory-sync <<<");
}

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

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
