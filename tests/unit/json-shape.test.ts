import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { jsonShapeFault } from "../../server/http/json-shape.ts";

const { depth, elements } = LIMITS.json;

function faultOf(text: string): string | undefined {
  return jsonShapeFault(Buffer.from(text));
}

function nested(levels: number): string {
  return "[".repeat(levels) + "]".repeat(levels);
}

function arrayOf(count: number): string {
  return JSON.stringify(Array.from({ length: count }, () => 1));
}

function objectOf(count: number): string {
  return JSON.stringify(
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index])),
  );
}

describe("the shape of JSON, counted on its bytes", () => {
  it.each([
    ["nesting at the limit", nested(depth)],
    ["array entries at the limit", arrayOf(elements)],
    ["object members at the limit", objectOf(elements)],
    ["elements spread over containers", `[${arrayOf(elements / 2 - 1)},${arrayOf(elements / 2 - 1)}]`],
    ["many empty containers", `[${Array.from({ length: elements }, () => "[]").join(",")}]`],
    ["brackets and commas inside a string", JSON.stringify("[{,".repeat(elements))],
    ["escaped quotes before brackets", JSON.stringify(`\\"${"[".repeat(100)}\\\\"`)],
    ["white space around everything", ` \r\n\t[ ${"\n".repeat(elements)} 1 , { } ] `],
    ["a bare value", "17"],
    ["nothing", ""],
    ["containers one after the other", `[${Array.from({ length: depth * 2 }, () => "[1]").join(",")}]`],
  ])("passes %s", (_, text) => {
    const fault = faultOf(text);

    expect(fault).toBeUndefined();
  });

  it.each([
    ["nesting one past the limit", nested(depth + 1), "nested"],
    ["mixed nesting one past the limit", `${'{"a":['.repeat(depth / 2)}[`, "nested"],
    ["brackets that never close", "[".repeat(500_000), "nested"],
    ["array entries one past the limit", arrayOf(elements + 1), "elements"],
    ["object members one past the limit", objectOf(elements + 1), "elements"],
    ["elements spread over containers", `[${arrayOf(elements / 2)},${arrayOf(elements / 2)}]`, "elements"],
    ["nesting after a string that ends in a backslash", `["\\\\",${nested(depth)}]`, "nested"],
  ])("refuses %s", (_, text, words) => {
    const fault = faultOf(text);

    expect(fault).toContain(words);
  });

  it("leaves broken JSON to the parser", () => {
    const faults = ["]]]]", '"open', "{,}", '"\\'].map(faultOf);

    expect(faults).toEqual([undefined, undefined, undefined, undefined]);
  });
});
