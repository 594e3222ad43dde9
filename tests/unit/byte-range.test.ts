import { describe, expect, it } from "vitest";
import { requestedRange } from "../../server/http/range.ts";

describe("a Range header on 100 bytes", () => {
  it.each([
    ["bytes=0-0", { first: 0, last: 0 }],
    ["bytes=10-19", { first: 10, last: 19 }],
    ["bytes=99-99", { first: 99, last: 99 }],
    ["bytes=90-", { first: 90, last: 99 }],
    ["bytes=90-1000", { first: 90, last: 99 }],
    ["bytes=-10", { first: 90, last: 99 }],
    ["bytes=-1000", { first: 0, last: 99 }],
  ])("%s asks for a part", (header, expected) => {
    const range = requestedRange(header, 100);

    expect(range).toEqual(expected);
  });

  it.each([undefined, "", "bytes=", "bytes=-", "bytes=5-2", "bytes=0-1,5-6", "lines=1-2", "bytes=a-b"])(
    "%s means the whole",
    (header) => {
      const range = requestedRange(header, 100);

      expect(range).toBeUndefined();
    },
  );

  it.each(["bytes=100-", "bytes=100-200", "bytes=-0"])("%s cannot be satisfied", (header) => {
    const ask = () => requestedRange(header, 100);

    expect(ask).toThrow(
      expect.objectContaining({ status: 416, headers: { "Content-Range": "bytes */100" } }),
    );
  });
});
