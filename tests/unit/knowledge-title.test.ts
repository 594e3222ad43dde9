import { expect, it } from "vitest";
import { headingOf, titleOf } from "../../server/knowledge/document.ts";

it.each([
  ["# Design\n\ntext", "Design", 1],
  ["text\r\n\r\n## The second ##\r\n", "The second", 3],
  ["```sh\n# a comment\n```\n# Real", "Real", 4],
  ["#hashtag\n####### seven\n", "file.md", 1],
  ["# ##\n#   \n# Third", "Third", 3],
  ["", "file.md", 1],
  [`# ${"x".repeat(300)}`, "x".repeat(200), 1],
])("takes the title from %j", (text, title, line) => {
  expect(titleOf(Buffer.from(text), "folder/file.md")).toEqual({ text: title, line });
});

it.each([
  ["   ### a  b  ", "a  b"],
  ["#\ta #", "a"],
  ["# a #b ####\t", "a #b"],
  ["# C#", "C#"],
  ["# #1 fault", "#1 fault"],
  ["# a\u2028b", "a\u2028b"],
  ["# #", undefined],
  ["#", undefined],
  ["    # code", undefined],
])("reads the heading %j", (line, heading) => {
  expect(headingOf(line)).toBe(heading);
});
