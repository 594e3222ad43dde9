import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskSecrets, presented, showInvisible } from "../../contract/secrets.ts";

describe("masking", () => {
  it.each(["fmai_", "fmsy_", "fmad_", "fmwt_", "fmme_"])(
    "hides every %s secret and keeps the length",
    (prefix) => {
      const body = fc.stringMatching(/^[A-Za-z0-9_-]{43}$/);
      const around = fc.string({ maxLength: 20 }).filter((text) => !/[\w-]$/.test(text));

      fc.assert(
        fc.property(around, body, (before, secret) => {
          const text = `${before}${prefix}${secret}" and more`;
          const masked = maskSecrets(text);
          expect(masked).not.toContain(secret);
          expect(masked).toHaveLength(text.length);
          expect(masked).toContain(prefix);
        }),
      );
    },
  );

  it("hides bindings", () => {
    const binding = "fmb_laptop-claude-code-%E6%97%A5.b7k2.abcdefghijklmnopqrstuvwxyz";

    expect(maskSecrets(`"binding":"${binding}"`)).toBe(`"binding":"fmb_${"*".repeat(binding.length - 4)}"`);
  });

  it("leaves other text alone", () => {
    const text = "fmai_ is a prefix; confirmai_abcdefghijklmnopqrstuvwxyz is not ours; fmwt_short";

    expect(maskSecrets(text)).toBe(text);
  });
});

describe("invisible characters", () => {
  it("are shown, so that text can neither hide nor be reordered", () => {
    expect(showInvisible("a\u202eb\u{e0041}\u001b[31m\u0000")).toBe("a\\u{202e}b\\u{e0041}\\u{1b}[31m\\u{0}");
  });

  it("stay where scripts and emoji need them", () => {
    const text = "👩‍💻 می‌خواهم\ttab\r\nline";

    expect(showInvisible(text)).toBe(text);
  });
});

describe("a presented value", () => {
  it("has every text in it masked and shown, at any depth, and nothing else changed", () => {
    const value = {
      hits: [{ snippet: "x\u202ey fmwt_0123456789abcdef0123", line: 3, gone: null }],
      partial: false,
      note: undefined,
    };

    const shown = {
      ...value,
      hits: [{ snippet: `x\\u{202e}y fmwt_${"*".repeat(20)}`, line: 3, gone: null }],
    };
    expect(presented(value)).toEqual(shown);
    expect(presented(shown)).toEqual(shown);
  });

  it("keeps cursors, whatever they look like", () => {
    const page = { entries: [], next_cursor: "fmwt_0123456789abcdef0123" };

    expect(presented(page)).toEqual(page);
  });
});
