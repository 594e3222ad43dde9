import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyInsertions } from "../../client/edit/insertions.ts";
import { takeOut } from "../../client/edit/take-out.ts";
import { sha256 } from "../../disk/digest.ts";
import { editOf } from "../support/edit-lab.ts";

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

        const rest = takeOut(
          before + installed + behind,
          [{ ...plan, after_sha256: sha256(installed) }],
          edit,
        );

        const kept = rest !== "nothing" && "text" in rest ? rest.text : "nothing is left";
        expect(edit.plan(installed)).toEqual({ state: "already" });
        expect(kept.replace(/\r?\n\[y\]/, "\n[y]")).toBe(
          before + (isBehind ? `${text.replace(/\r?\n$/, "")}\n` : text) + behind,
        );
      }),
    );
  });
});
