import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

/** PowerShell does not run here, so what can be seen in the text is looked at: this shows its form, not that it works. */

const TEXT = readFileSync(join(import.meta.dirname, "../../client/install.ps1"), "utf8");

/** What Windows PowerShell 5.1 brings with it, of what the script may use. */
const COMMANDS = new Set(
  `ConvertTo-Json Copy-Item ForEach-Object Get-Command Get-FileHash Get-Item Invoke-WebRequest Join-Path Move-Item New-Item
  New-Object Read-Host Remove-Item Set-StrictMode Split-Path Test-Path Write-Output Write-Warning`.split(
    /\s+/,
  ),
);
const APPROVED_VERBS = new Set("Add Copy Get Install Invoke New Remove Set Test Update".split(" "));
const KEYWORDS = new Set(
  "param function if else foreach in try finally throw return continue not and or eq ne ge notmatch bor".split(
    " ",
  ),
);

/** The script without comments and with empty strings, and what is open at its end. */
function skeleton(text: string): { code: string; open: string[] } {
  const token = /#[^\n]*|'(?:[^']|'')*'|"(?:[^"`]|`.|"")*"|[{}()[\]]|[^#'"{}()[\]]+|./gs;
  const open: string[] = [];
  let code = "";
  for (const [part] of text.matchAll(token)) {
    if (part.startsWith("#")) continue;
    if (part === "'" || part === '"') open.push(part);
    if ("{([".includes(part)) open.push(part);
    if ("})]".includes(part) && open.pop() !== PAIRS[part]) open.push(part);
    code += /^['"]/.test(part) ? "''" : part;
  }
  return { code, open };
}

const PAIRS: Record<string, string> = { "}": "{", ")": "(", "]": "[" };

describe("install.ps1 as a text", () => {
  const { code, open } = skeleton(TEXT);

  it("closes what it opens, and the reader of this test would see if it did not", () => {
    expect(open).toEqual([]);
    expect(skeleton(TEXT.slice(0, TEXT.lastIndexOf("}"))).open).not.toEqual([]);
    expect(skeleton(TEXT.replace("'.memory-sync'", "'.memory-sync")).open).not.toEqual([]);
  });

  it("is ASCII: Windows PowerShell 5.1 reads files without a mark in the code page of the system", () => {
    // oxlint-disable-next-line no-control-regex -- everything that is not ASCII is looked for
    expect(TEXT).not.toMatch(/[^\x00-\x7f]/);
  });

  it("calls only what 5.1 knows or it defines itself, with approved verbs, by whole names", () => {
    const defined = [...code.matchAll(/^function (\w+)-(\w+)/gm)];
    const own = new Set(defined.map(([, verb, noun]) => `${verb}-${noun}`));
    const called = [...code.matchAll(/(?<![\w$.-])([A-Z][a-z]+[A-Za-z]*-[A-Z]\w+)/g)].map(
      ([, name = ""]) => name,
    );
    // Whatever begins a statement and is neither a variable nor such a name is an alias or a program.
    const begun = [...code.matchAll(/(?:^|[{;|=(]|\bthrow|\breturn)[ \t]*([a-z?%]\w*)\b(?!-)/gm)].map(
      ([, word = ""]) => word,
    );

    expect(called.length).toBeGreaterThan(20);
    expect(called.filter((name) => !COMMANDS.has(name) && !own.has(name))).toEqual([]);
    expect(defined.filter(([, verb = ""]) => !APPROVED_VERBS.has(verb))).toEqual([]);
    expect(begun.filter((word) => !KEYWORDS.has(word) && word !== "string" && word !== "switch")).toEqual([]);
  });

  it("changes nothing in the session it runs in, and ends it never", () => {
    const inFunction = code.slice(code.indexOf("function Install-MemorySync"));

    expect(inFunction).toContain("Set-StrictMode -Version 2");
    expect(inFunction).toContain("$ErrorActionPreference = ''");
    expect(code.slice(0, -inFunction.length)).not.toMatch(/Preference = |Set-StrictMode|\$global:/);
    expect(code).not.toMatch(/\bexit\b|Invoke-Expression|\biex\b/i);
  });

  it("gives tokens on by stdin alone", () => {
    const native = [...code.matchAll(/& \$\w+[^\n]*/g)].map(([call]) => call);

    expect(native).toEqual(["& $place -p ''", "& $node @arguments"]);
    expect(code).toMatch(/^ +Get-SecretJson [^\n]*\| & \$node @arguments$/m);
    expect(code.match(/\$arguments[^\n]*/g)?.join("\n")).not.toMatch(/Token|Join|secret/i);
  });
});
