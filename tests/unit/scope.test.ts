import { describe, expect, it } from "vitest";
import { inScope, inWriteScope } from "../../server/access/principal.ts";

const withScope = (...scope: string[]) => ({
  id: "t",
  name: "t",
  role: "ai" as const,
  scope,
  writeScope: scope,
});

describe("a token's scope", () => {
  it.each([
    ["*", "laptop-codex-x", true],
    ["laptop-*", "laptop-codex-x", true],
    ["laptop-*", "desktop-codex-x", false],
    ["laptop-*", "laptop", false],
    ["*-webshop", "laptop-codex-webshop", true],
    ["*-webshop", "laptop-codex-webshop-2", false],
    ["a*b*c", "a-x-b-y-c", true],
    ["a*b*c", "a-c-b", false],
    ["ab*ba", "aba", false],
    ["laptop-codex-x", "laptop-codex-x", true],
    ["laptop-codex-x", "laptop-codex-xy", false],
    ["laptop.codex", "laptop-codex", false],
    ["", "laptop-codex-x", false],
  ])("%s against %s: %s", (pattern, id, expected) => {
    expect(inScope(withScope(pattern), id)).toBe(expected);
  });

  it("is empty without patterns and the union of several", () => {
    expect(inScope(withScope(), "a-b-c")).toBe(false);
    expect(inScope(withScope("x-*", "a-*"), "a-b-c")).toBe(true);
  });

  it.each([
    [["*"], ["laptop-*"], "laptop-codex-x", true],
    [["*"], ["laptop-*"], "desktop-codex-x", false],
    [["*"], ["laptop-*"], "laptop2-codex-x", false],
    [["*"], [], "laptop-codex-x", false],
    [["desktop-*"], ["*"], "laptop-codex-x", false],
  ])("reading %s and writing %s may write to %s: %s", (scope, writeScope, id, expected) => {
    expect(inWriteScope({ ...withScope(...scope), writeScope }, id)).toBe(expected);
  });
});
