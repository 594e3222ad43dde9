import { expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { factsOf, pathOf } from "../../proxy/http/facts.ts";

const { loggedPathChars } = LIMITS.proxy;

it("the log has a path without its query, and of a long one its beginning", () => {
  const longest = `/v1/${"x".repeat(loggedPathChars - 4)}`;

  expect(pathOf("/v1/messages?key=secret#secret")).toBe("/v1/messages");
  expect(pathOf("http://ann:secret@localhost/v1/models")).toBe("");
  expect(factsOf(longest).path).toBe(longest);
  expect(factsOf(`${longest}y`).path).toBe(longest);
});
