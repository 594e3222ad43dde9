import { expect, it } from "vitest";
import { titleOf } from "../../server/knowledge/document.ts";

it.each([
  ["# Design\n\ntext", "Design"],
  ["text\r\n\r\n## The second ##\r\n", "The second"],
  ["```sh\n# a comment\n```\n# Real", "Real"],
  ["#hashtag\n####### seven\n", "file.md"],
  ["", "file.md"],
  [`# ${"x".repeat(300)}`, "x".repeat(200)],
])("takes the title from %j", (text, title) => {
  expect(titleOf(Buffer.from(text), "folder/file.md")).toBe(title);
});
