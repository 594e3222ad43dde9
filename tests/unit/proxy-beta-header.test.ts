import { expect, it } from "vitest";
import { mergedBeta } from "../../proxy/http/beta-header.ts";

it.each([
  ["CP 3.1: added when absent", [], "context-1", "context-1"],
  ["CP 3.1: others are kept", ["z-1,  a-2 "], "context-1", "a-2, context-1, z-1"],
  ["CP 3.1: all spellings of the header become one", ["b", "c, b", ""], "a", "a, b, c"],
  ["several are wanted", ["b"], "c,b, a,", "a, b, c"],
  ["named already", ["z, context-1", "a"], "context-1", undefined],
  ["all of several are named already", ["b,a"], "a, b", undefined],
  ["none is wanted", ["b, a", "a"], "", undefined],
  ["only blanks are wanted", [], " , ", undefined],
])("%s", (_, values, wanted, merged) => {
  expect(mergedBeta(values, wanted)).toBe(merged);
});
