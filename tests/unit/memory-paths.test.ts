import { describe, expect, it } from "vitest";
import { memoryPathOf } from "../../memory-tool/path.ts";

describe("a path of the memory tool", () => {
  it.each([
    ["/memories", ""],
    ["/memories/", ""],
    ["/memories/notes.md", "notes.md"],
    ["/memories/a/b/c.txt", "a/b/c.txt"],
    ["/memories/folder/", "folder"],
    ["/memories/sessions/x", "sessions/x"],
    ["/memories/identity.json", "identity.json"],
    ["/memories/memories/x", "memories/x"],
    ["/memories/100% sure.md", "100% sure.md"],
    ["/memories/cafe\u0301.md", "caf\u00e9.md"],
    ["/memories/node_modules/a", "node_modules/a"],
    [`/memories/${"a".repeat(200)}`, "a".repeat(200)],
  ])("is taken: %s", (given, path) => {
    expect(memoryPathOf(given)).toEqual({ path });
  });

  it.each([
    "",
    "/",
    "memories/a",
    "/memoriesX/a",
    "/memories_backup/a",
    "/Memories/a",
    "/etc/passwd",
    " /memories/a",
  ])("SDK 3.2: must lie under /memories, not %j", (given) => {
    expect(memoryPathOf(given)).toEqual({ fault: `Path must start with /memories, got: ${given}` });
  });

  it.each([
    "/memories/..",
    "/memories/../etc/passwd",
    "/memories/a/../../b",
    "/memories/a/../b",
    "/memories/.",
    "/memories/./",
    "/memories/./a",
    "/memories/%2e%2e/a",
    "/memories/a%2Fb",
    "/memories/a\\..\\b",
  ])("SDK 3.2: does not escape by %s", (given) => {
    expect(memoryPathOf(given)).toEqual({ fault: `Path ${given} would escape /memories directory` });
  });

  it("does not escape by NUL, and shows it", () => {
    expect(memoryPathOf("/memories/a\0b")).toEqual({
      fault: "Path /memories/a\\u{0}b would escape /memories directory",
    });
  });

  it.each([
    ["/memories//a", "it has an empty segment"],
    ["/memories//", "it has an empty segment"],
    ["/memories/a//", "it has an empty segment"],
    ["/memories/a//b", "it has an empty segment"],
    ["/memories/.hidden", "a segment begins with '.'"],
    ["/memories/...", "a segment begins with '.'"],
    ["/memories/a?", "it holds one of"],
    ["/memories/con", "a device name"],
    ["/memories/_index/a", "a name of the server's own"],
    ["/memories/a\u2044b", "looks like a separator"],
    ["/memories/\ud800", "it is not valid Unicode"],
    [`/memories/${"a".repeat(201)}`, "longer than 200 bytes"],
    [`/memories/${"a/".repeat(16)}b`, "more than 16 segments"],
  ])("is refused with the reason: %s", (given, reason) => {
    expect(memoryPathOf(given)).toEqual({ fault: expect.stringContaining(reason) });
  });

  it("is not repeated at length, nor with a secret", () => {
    const answer = memoryPathOf(`x fmai_${"a".repeat(40)} ${"y".repeat(5000)}`);

    expect(answer).toEqual({ fault: expect.stringMatching(/got: x fmai_\*{40} y+…$/) });
    expect(JSON.stringify(answer).length).toBeLessThan(400);
  });
});
