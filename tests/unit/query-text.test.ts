import { expect, it } from "vitest";
import { queryText } from "../../client/commands/query-text.ts";

it.each([
  [["why is it flaky"], "why is it flaky"],
  [['redis -draft "exact phrase"'], 'redis -draft "exact phrase"'],
  [["redis", "connection refused"], 'redis "connection refused"'],
  [["redis", '"connection refused"'], 'redis "connection refused"'],
  [["redis", 'say "hello there" now'], 'redis say "hello there" now'],
  [["redis", "project:my app"], 'redis project:"my app"'],
  [["redis", "-File:my notes"], 'redis -File:"my notes"'],
  [["redis", "-two words"], 'redis -"two words"'],
  [["redis", "note: two words"], 'redis "note: two words"'],
  [["redis", " x "], "redis  x "],
  [["redis", "-draft", "after:7d"], "redis -draft after:7d"],
])("%j are the query %s", (args, query) => {
  expect(queryText(args)).toBe(query);
});
