import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WorkspaceId } from "../../contract/ids.ts";
import { byteLength, foldCase, slugify, workspaceIdOf } from "../../contract/names.ts";
import { LIMITS } from "../../contract/limits.ts";
import { WorkspaceName } from "../../contract/wire.ts";

const HOSTILE = [
  "CON", "nul", "com1", "LPT¹", "aux.md", "..", ".", ".versions", "_meta", "-rf", "~", "a/b", "a\\b", "a:b", "name. ",
  "İ", "ΑΣ", "ẞ", "ﬀ", "e\u0301", "\u0301", "１", "①", "%2e%2e", "VERSIO~1", "x".repeat(200), "한".repeat(100), "\u202eb", "con\u200b",
]; // prettier-ignore

const names = fc
  .record({
    machine: fc.oneof(fc.string({ unit: "binary" }), fc.string(), fc.constantFrom(...HOSTILE)),
    tool: fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom(...HOSTILE)),
    project: fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...HOSTILE)),
  })
  .filter((name) => WorkspaceName.safeParse(name).success);

describe("slugs", () => {
  it.each([
    ["My Laptop", "my-laptop"],
    ["  --Web__Shop!! ", "web-shop"],
    ["Straße", "straße"],
    ["cafe\u0301", "café"],
    ["日本語 プロジェクト", "日本語-プロジェクト"],
    ["CON", "con"],
    ["..", ""],
    ["🙂", ""],
    ["a".repeat(65), "a".repeat(64)],
    [`${"a".repeat(63)} b`, "a".repeat(63)],
    [`${"a".repeat(63)}é`, "a".repeat(63)],
  ])("of %j is %j", (name, slug) => {
    expect(slugify(name)).toBe(slug);
  });

  it("are stable, at most 64 bytes, and made of letters, digits and single dashes", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...HOSTILE)), (name) => {
        const slug = slugify(name);

        expect(slugify(slug)).toBe(slug);
        expect(byteLength(slug)).toBeLessThanOrEqual(LIMITS.slug.bytes);
        expect(slug).toMatch(/^(?:[\p{L}\p{M}\p{N}]+(?:-[\p{L}\p{M}\p{N}]+)*)?$/u);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("workspace ids", () => {
  it("are never a reserved or dangerous file name, whatever the names are", () => {
    fc.assert(
      fc.property(names, (name) => {
        const id = workspaceIdOf(name);

        expect(WorkspaceId.safeParse(id).success).toBe(true);
        const taken = foldCase(id.normalize("NFKC"));
        expect(taken).not.toMatch(/^(?:[.~_-]|(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))/u);
        expect(id).not.toMatch(/[.\s]|[\\/:*?"<>|`%]|\p{C}|\p{Default_Ignorable_Code_Point}/u);
        expect(["_meta", "sessions", "identity.json", "workspaces.json"]).not.toContain(taken);
      }),
      { numRuns: 1000 },
    );
  });

  it("do not depend on case, spelling or what stands between the letters", () => {
    const name = { machine: "Büro PC", tool: "claude_code", project: "Web Shop" };

    expect(workspaceIdOf(name)).toBe("büro-pc-claude-code-web-shop");
    expect(workspaceIdOf({ machine: "bu\u0308ro-pc", tool: "Claude Code", project: "web.shop" })).toBe(
      workspaceIdOf(name),
    );
  });
});
