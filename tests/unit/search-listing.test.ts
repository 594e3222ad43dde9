import { expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { Listing } from "../../server/search/supply/listing.ts";

const WORKSPACE = "orchard";
const KNOWLEDGE = `workspaces/${WORKSPACE}/knowledge`;

it("finds a listed file by its whole name only", () => {
  const listing = new Listing();
  const names = "one.md/two.md";

  listing.addFolder(WORKSPACE, { above: "", names: "one.md", timesMs: [1], sizesBytes: [10] });
  listing.addFolder(WORKSPACE, { above: "notes/", names, timesMs: [2, 3], sizesBytes: [20, 30] });

  expect(listing.size).toBe(3);
  expect([...listing.places]).toEqual([KNOWLEDGE]);
  expect(listing.find(`${KNOWLEDGE}/notes/two.md`)).toEqual({
    workspaceId: WORKSPACE,
    path: "notes/two.md",
    timeMs: 3,
    sizeBytes: 30,
  });
  expect(listing.find(`${KNOWLEDGE}/two.md`)).toBeUndefined();
  expect(listing.find(`${KNOWLEDGE}/notes/three.md`)).toBeUndefined();
  expect(listing.find("workspaces/other/knowledge/notes/two.md")).toBeUndefined();
  expect(listing.find("two.md")).toBeUndefined();
});

it("takes no more files than one search looks at, and says so", () => {
  const listing = new Listing();
  const numbers = Array.from({ length: LIMITS.search.files - 1 }, (_, index) => index);
  const names = numbers.map((index) => `${index}.md`).join("/");
  listing.addFolder(WORKSPACE, { above: "", names, timesMs: numbers, sizesBytes: numbers });
  const isCutBefore = listing.isCut;

  listing.addFolder(WORKSPACE, { above: "a/", names: "b.md/c.md", timesMs: [1, 2], sizesBytes: [1, 2] });

  expect(isCutBefore).toBe(false);
  expect(listing.isCut).toBe(true);
  expect(listing.size).toBe(LIMITS.search.files);
  expect(listing.find(`${KNOWLEDGE}/a/b.md`)).toBeDefined();
  expect(listing.find(`${KNOWLEDGE}/a/c.md`)).toBeUndefined();
});
