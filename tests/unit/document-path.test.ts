import { describe, expect, it } from "vitest";
import { DocumentPath } from "../../contract/document-path.ts";
import { KnowledgePath } from "../../contract/knowledge-path.ts";
import { documentFault, isMemory, wordsOf } from "../../contract/memory-prefix.ts";
import { AREAS, areaOf, segmentsOf } from "../../server/knowledge/area.ts";
import { Place } from "../../server/knowledge/place.ts";

describe("a document path", () => {
  it.each([
    "notes.md",
    "memories/notes.md",
    "/memories/notes.md",
    "/memories/sessions/a",
    "/memories/a b.md",
  ])("may be %j", (path) => {
    expect(DocumentPath.parse(path)).toBe(path);
  });

  it.each([
    ["/memories", "it has an empty segment"],
    ["/memories/", "it has an empty segment"],
    ["/memories//a.md", "it has an empty segment"],
    ["/memories/../a.md", "a segment begins with '.'"],
    ["/memories/.versions/a.md", "a segment begins with '.'"],
    ["/memories/%2e%2e/a.md", "it holds an encoded character"],
    ["/memories\\a.md", "it holds one of"],
    ["/Memories/a.md", "it has an empty segment"],
    ["/memoriesX/a.md", "it has an empty segment"],
    ["/notes.md", "it has an empty segment"],
    ["//memories/a.md", "it has an empty segment"],
    ["", "it is empty"],
  ])("is not %j: %s", (path, fault) => {
    expect(documentFault(path)).toContain(fault);
    expect(DocumentPath.safeParse(path).success).toBe(false);
  });

  it("of a memory is none of knowledge, which cannot be written under it", () => {
    expect(KnowledgePath.safeParse("/memories/notes.md").success).toBe(false);
    expect(isMemory("memories/notes.md")).toBe(false);
  });

  it("is stored in NFC", () => {
    expect(DocumentPath.parse("/memories/e\u0301.md")).toBe("/memories/\u00e9.md");
  });

  it("says what its own names say", () => {
    expect(wordsOf("/memories/deploy notes.MD")).toBe("deploy notes");
    expect(wordsOf("memories/deploy.txt")).toBe("memories/deploy.txt");
  });
});

describe("an area", () => {
  it("has the paths and folders that begin as its own do", () => {
    expect(AREAS.map(({ prefix }) => areaOf(`${prefix}a/b.md`).current)).toEqual(["knowledge", "memories"]);
    expect(AREAS.map(({ prefix }) => areaOf(prefix).current)).toEqual(["knowledge", "memories"]);
  });

  it.each([
    ["a/b.md", ["a", "b.md"]],
    ["/memories/a/b.md", ["a", "b.md"]],
    ["", []],
    ["a/", ["a"]],
    ["/memories/", []],
    ["/memories/a/b/", ["a", "b"]],
  ])("is entered for %j through %j", (path, segments) => {
    expect(segmentsOf(path)).toEqual(segments);
  });

  it("gives a memory another place than a knowledge file whose path reads like it", () => {
    const [knowledge, memory] = ["memories/a.md", "/memories/a.md"].map((path) =>
      Place.of("/root", "w", path),
    );

    expect([knowledge?.key, memory?.key]).toEqual(["w/knowledge/memories/a.md", "w/memories/a.md"]);
    expect(memory?.name).toBe("a.md");
  });
});
