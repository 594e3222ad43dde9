import { describe, expect, it } from "vitest";
import * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import { errorResult, internalResult, parseArguments, structuredResult } from "../../server/mcp/result.ts";

const Input = z.strictObject({ path: z.string(), limit: z.int().min(1).optional() });

describe("a failure the caller can act on", () => {
  it("reads as code, message, hint and facts", () => {
    const error = new AppError("conflict", "The file has changed", {
      hint: "Read it again",
      details: { current_sha256: "ab12" },
    });

    expect(errorResult(error)).toEqual({
      isError: true,
      content: [
        { type: "text", text: "conflict: The file has changed\nRead it again\ncurrent_sha256: ab12" },
      ],
    });
  });

  it("is cut when it repeats a huge input, and shows hidden characters", () => {
    const result = errorResult(new AppError("not_found", `No such file: "\u202e${"x".repeat(100_000)}"`));

    const text = JSON.stringify(result);
    expect(text.length).toBeLessThan(3000);
    expect(text).toContain("\\\\u{202e}xxx");
  });
});

describe("a bug", () => {
  it("tells the caller nothing but the id of the request", () => {
    expect(JSON.stringify(internalResult("r-1"))).toContain("internal: ");
    expect(JSON.stringify(internalResult("r-1"))).toContain("r-1");
  });
});

describe("arguments", () => {
  it("are parsed by the schema; none are like an empty object", () => {
    expect(parseArguments(Input, { path: "a" }, "")).toEqual({ path: "a" });
    expect(parseArguments(z.strictObject({}), undefined, "")).toEqual({});
  });

  it("are refused with every wrong one named, and with what the tool takes", () => {
    const parse = () =>
      parseArguments(Input, { path: 1, limit: 0, workspace_id: "w" }, "read_it takes: path, limit");

    expect(parse).toThrow(
      expect.objectContaining({
        code: "invalid_input",
        hint: "read_it takes: path, limit",
        message: expect.stringMatching(/^path: .*; limit: .*; Unrecognized key: "workspace_id"$/),
      }),
    );
  });
});

describe("structured content", () => {
  it("is there whole, and the same as text", () => {
    const result = structuredResult({ entries: [1, 2] });

    expect(result).toEqual({
      content: [{ type: "text", text: '{"entries":[1,2]}' }],
      structuredContent: { entries: [1, 2] },
    });
  });
});
