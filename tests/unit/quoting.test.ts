import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shellWord, systemdWord, windowsArgument, xmlText } from "../../client/launcher/quote.ts";

/** Texts with what is special somewhere, without NUL and line ends, which no path on a command line has. */
const text = fc
  .string({
    unit: fc.constantFrom("a", " ", "'", '"', "\\", "$", "%", "`", "!", "&", ";", "(", "é", "日", "*"),
  })
  .map((said) => said.trim());

describe("a word for sh", () => {
  it("is what sh gives to the program", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 20 }), (words) => {
        const script = `printf '%s\\n' ${words.map(shellWord).join(" ")}`;

        const given = execFileSync("/bin/sh", ["-c", script], { encoding: "utf8" });

        expect(given).toBe(words.length === 0 ? "\n" : `${words.join("\n")}\n`);
      }),
      { numRuns: 60 },
    );
  });
});

describe("an argument for Windows", () => {
  it.each([
    ["C:\\Program Files\\node.exe", '"C:\\Program Files\\node.exe"'],
    ["C:\\ends here\\", '"C:\\ends here\\\\"'],
    ['say "hi"', '"say \\"hi\\""'],
    ['\\"', '"\\\\\\""'],
    ["", '""'],
  ])("quotes %j as %j", (argument, quoted) => {
    expect(windowsArgument(argument)).toBe(quoted);
  });

  it("is what a program reads again", () => {
    fc.assert(
      fc.property(fc.array(text), (words) => {
        const line = words.map(windowsArgument).join(" ");

        expect(argumentsOf(line)).toEqual(words);
      }),
    );
  });
});

describe("other places", () => {
  it("quotes for systemd and XML", () => {
    expect(systemdWord('/home/a "b"/100%/$HOME\\x')).toBe('"/home/a \\"b\\"/100%%/$$HOME\\\\x"');
    expect(xmlText(`<a href="b">&</a>`)).toBe("&lt;a href=&quot;b&quot;&gt;&amp;&lt;/a&gt;");
  });
});

/**
 * The rules of CommandLineToArgvW: 2n backslashes and a quote are n backslashes and the quote begins or ends a part;
 * 2n+1 are n and a quote; backslashes before anything else are themselves.
 */
function argumentsOf(line: string): string[] {
  const found: string[] = [];
  let current: string | undefined;
  let quoted = false;
  for (const [, slashes = "", char = ""] of line.matchAll(/(\\*)([^\\]|$)/gu)) {
    if (char !== '"' && slashes !== "") current = `${current ?? ""}${slashes}`;
    if (char === '"') {
      current = `${current ?? ""}${"\\".repeat(slashes.length >> 1)}`;
      if (slashes.length % 2 === 1) current += '"';
      else quoted = !quoted;
    } else if (char === " " && !quoted) {
      if (current !== undefined) found.push(current);
      current = undefined;
    } else if (char !== "") current = `${current ?? ""}${char}`;
  }
  if (current !== undefined) found.push(current);
  return found;
}
