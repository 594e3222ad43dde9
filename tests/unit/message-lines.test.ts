import { describe, expect, it } from "vitest";
import { messageLines } from "../../client/mcp/message-lines.ts";

const GOOD = [{ a: "🧠 é" }, { b: "x\u2028y\u2029z" }, { c: "tab\tline\n" }];
const TEXT = [
  `${JSON.stringify(GOOD[0])}\n`,
  "\n",
  "  \r\n",
  `${JSON.stringify(GOOD[1])}\r\n`,
  "{broken\n",
  "[1]\n",
  '"text"\n',
  "12345678901234567890123456789012345678901234567890\n",
  JSON.stringify(GOOD[2]),
].join("");
const LIMIT_BYTES = 40;

async function read(pieces: readonly Uint8Array[], limitBytes = LIMIT_BYTES): Promise<unknown[]> {
  const source = async function* () {
    yield* pieces;
  };
  return Array.fromAsync(messageLines(source(), limitBytes));
}

describe("messageLines", () => {
  const bytes = Buffer.from(TEXT);
  const expected = [
    { message: GOOD[0] },
    { message: GOOD[1] },
    { fault: "no JSON" },
    { fault: "no object" },
    { fault: "no object" },
    { fault: "too long" },
    { message: GOOD[2] },
  ];

  it("gives the same for every cut of its input", async () => {
    const cuts = Array.from({ length: bytes.length + 1 }, (_, at) => [
      bytes.subarray(0, at),
      bytes.subarray(at),
    ]);

    const answers = await Promise.all(cuts.map((pieces) => read(pieces)));

    expect(answers).toEqual(cuts.map(() => expected));
  });

  it("gives the same byte by byte", async () => {
    const pieces = [...bytes].map((byte) => Uint8Array.of(byte));

    expect(await read(pieces)).toEqual(expected);
  });

  it.each(["\n", "\r\n", ""])(
    "takes a line of the limit, and none that is one byte longer (%j)",
    async (end) => {
      const line = (length: number) => Buffer.from(`{"a":"${"x".repeat(length - 8)}"}${end}`);

      const fits = await read([line(LIMIT_BYTES)]);
      const exceeds = await read([line(LIMIT_BYTES + 1)]);

      expect(fits).toEqual([{ message: { a: "x".repeat(LIMIT_BYTES - 8) } }]);
      expect(exceeds).toEqual([{ fault: "too long" }]);
    },
  );

  it("keeps nothing of a line that is too long, and goes on behind it", async () => {
    const long = Array.from({ length: 1000 }, () => Buffer.alloc(1000, "x"));

    expect(await read([...long, Buffer.from('\n{"a":1}\n')])).toEqual([
      { fault: "too long" },
      { message: { a: 1 } },
    ]);
  });
});
