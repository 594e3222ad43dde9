import { describe, expect, it } from "vitest";
import { kindOf, retryAfterMs } from "../../client/remote/remote-error.ts";
import { judge } from "../../client/sync/failure.ts";
import { AppError } from "../../contract/errors.ts";

const NOW = Date.parse("2026-11-21T06:00:00Z");

describe("P4: kindOf", () => {
  it.each([
    [401, "auth"],
    [400, "refused"],
    [403, "refused"],
    [404, "refused"],
    [409, "refused"],
    [413, "refused"],
    [408, "retryable"],
    [425, "retryable"],
    [429, "retryable"],
    [500, "retryable"],
    [503, "retryable"],
    [507, "retryable"],
  ])("%i is %s", (status, kind) => {
    expect(kindOf(status)).toBe(kind);
  });
});

describe("retryAfterMs", () => {
  it.each([
    ["nothing", null, undefined],
    ["seconds", "90", 90_000],
    ["a date", "Sat, 21 Nov 2026 06:01:00 GMT", 60_000],
    ["a date that is past", "Sat, 21 Nov 2026 05:00:00 GMT", 0],
    ["a year", "31536000", 86_400_000],
    ["nonsense", "soon", undefined],
  ])("%s", (_, header, ms) => {
    expect(retryAfterMs(header, NOW)).toBe(ms);
  });
});

describe("judge", () => {
  it("tells a file that is gone, one that cannot be read, and a mistake in the program", () => {
    const missing = Object.assign(new Error("no"), { code: "ENOENT", syscall: "open" });
    const denied = Object.assign(new Error("no"), { code: "EACCES", syscall: "open" });

    expect(judge(missing)).toBe("gone");
    expect(judge(denied)).toMatchObject({ failure: { kind: "refused" } });
    expect(judge(new AppError("too_large", "too large"))).toMatchObject({ failure: { kind: "hopeless" } });
    expect(judge(new TypeError("undefined is not a function"))).toBeUndefined();
  });
});
