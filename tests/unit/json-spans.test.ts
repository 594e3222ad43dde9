import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { itemsOf, memberAt, membersOf, textAt, documentAt, type Span } from "../../proxy/json/json-spans.ts";
import { spelled } from "../support/spelled-json.ts";

describe("the spans of JSON", () => {
  it("hold what JSON.parse finds, however it is spelled", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4, stringUnit: "binary" }), fc.nat(), (value, seed) => {
        const bytes = Buffer.from(spelled(value, seed));

        const found = valueIn(bytes, documentAt(bytes));

        expect(found).toEqual(JSON.parse(bytes.toString()));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['{"a":"\\\\"}', "\\"],
    ['{"a":"\\\\\\""}', '\\"'],
    ['{"a":"\\"}{"}', '"}{'],
    ['{"b":["]",{"a":1}],"a":"x"}', "x"],
    ['{"a":1,"a":"last"}', "last"],
    ['{"\\u0061":"\\u00e9"}', "é"],
    ['\ufeff \n{ "a" :\t"x" }', "x"],
    ['{"b":"é😀","a":""}', ""],
    ['{"b":{"a":"inner"}}', undefined],
    ['{"a":5}', undefined],
    ['["a"]', undefined],
    ["{}", undefined],
  ])("in %j: a is %j", (text, expected) => {
    const bytes = Buffer.from(text);

    const span = memberAt(bytes, documentAt(bytes), "a");

    expect(span && textAt(bytes, span)).toBe(expected);
  });

  it.each([250, 251, 252, 253, 254, 255, 256, 257, 258, 700])(
    "are those of strings whose escapes stand at %i bytes",
    (length) => {
      for (const tail of ['"', "\\", '\\"', '"\\', '\\\\""']) {
        const text = "x".repeat(length) + tail;
        const bytes = Buffer.from(JSON.stringify({ b: [text, 1], a: text }));

        const span = memberAt(bytes, documentAt(bytes), "a");

        expect(span && textAt(bytes, span)).toBe(text);
      }
    },
  );

  it("show bytes that are no UTF-8 as they would be decoded", () => {
    const bytes = Buffer.from([...Buffer.from('{"a":"'), 0xe2, 0x82, ...Buffer.from('","b":"x"}')]);

    const members = [...membersOf(bytes, documentAt(bytes))].map(({ key, value }) => [
      key,
      textAt(bytes, value),
    ]);

    expect(members).toEqual([
      ["a", "\ufffd"],
      ["b", "x"],
    ]);
  });

  it("are found in values that are deeply nested", () => {
    const depth = 200_000;
    const bytes = Buffer.from(`{"a":${"[".repeat(depth)}${"]".repeat(depth)},"b":"x"}`);

    const span = memberAt(bytes, documentAt(bytes), "b");

    expect(span && textAt(bytes, span)).toBe("x");
  });
});

/** A value read by its spans alone. */
function valueIn(bytes: Buffer, span: Span): unknown {
  const text = textAt(bytes, span);
  if (text !== undefined) return text;
  const first = bytes.toString("utf8", span.start, span.start + 1);
  if (first === "[") return [...itemsOf(bytes, span)].map((item) => valueIn(bytes, item));
  if (first !== "{") return JSON.parse(bytes.toString("utf8", span.start, span.end));
  return Object.fromEntries(
    [...membersOf(bytes, span)].map(({ key, value }) => [key, valueIn(bytes, value)]),
  );
}
