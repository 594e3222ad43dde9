import { describe, expect, it } from "vitest";
import { createLog } from "../../server/observe/log.ts";

function capture(entry: Record<string, unknown>, message = "message"): { line: string; entry: unknown } {
  let line = "";
  createLog({ write: (text) => (line += text) }).info(entry, message);
  return { line, entry: JSON.parse(line) };
}

describe("the log", () => {
  it("writes one JSON object per line, with its level by name and its time", () => {
    const { line, entry } = capture({ event: "request" });

    expect(line.indexOf("\n")).toBe(line.length - 1);
    expect(entry).toEqual({
      level: "info",
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      event: "request",
      msg: "message",
    });
  });

  it.each(["authorization", "cookie", "x-workspace-token", "x-workspace-binding", "token", "secret"])(
    "redacts %s, on its own and among headers",
    (name) => {
      const { line } = capture({ [name]: "canary-1", headers: { [name]: "canary-2" } });

      expect(line).not.toContain("canary");
      expect(line).toContain("[redacted]");
    },
  );

  it("masks this product's own secrets wherever they stand", () => {
    const { line } = capture({ note: "fmai_0123456789abcdefghij" }, "see fmwt_0123456789abcdefghij");

    expect(line).not.toContain("0123456789abcdefghij");
  });

  it("escapes what would act on a terminal or break a line", () => {
    const hostile = "a\u001b[31m\r\n\u0085\u2028\u202e\u009b b";

    const { line, entry } = capture({ hostile });

    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(line.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
    expect(entry).toMatchObject({ hostile });
  });
});
