import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { FactsCollector } from "../../contract/transcript-facts.ts";
import { TranscriptReader } from "../../server/sessions/transcript-reader.ts";

const { lineDepth, searchedLineBytes } = LIMITS.sessions;

async function isForeign(bytes: Buffer | string): Promise<boolean> {
  const reader = new TranscriptReader();
  await reader.add(Buffer.from(bytes));
  reader.finish();
  return reader.isForeign;
}

describe("TranscriptReader", () => {
  it("lets others have their turn while it looks at many short lines", async () => {
    let [turns, over] = [0, false];
    const count = (): void => {
      turns += 1;
      if (!over) setImmediate(count);
    };
    count();

    await new TranscriptReader().add(Buffer.alloc(8_000_000, "a\n"));
    over = true;

    expect(turns).toBeGreaterThan(5);
  });

  it("learns the same whatever pieces the bytes come in", async () => {
    const line = (second: number, text: string): string =>
      `${JSON.stringify({ type: "user", sessionId: "s", timestamp: `2026-01-01T00:00:0${second}.000Z`, message: { content: text } })}\n`;
    const bytes = Buffer.from(
      `\n\n${line(1, "first")}\n${line(2, "x".repeat(50_000))}{}\n\n${line(3, "last").trimEnd()}`,
    );
    const factsIn = async (pieceBytes: number) => {
      const reader = new TranscriptReader();
      for (let at = 0; at < bytes.length; at += pieceBytes)
        await reader.add(bytes.subarray(at, at + pieceBytes));
      return reader.finish();
    };

    const whole = await factsIn(bytes.length);

    expect(whole).toMatchObject({ firstPrompt: "first", ended: "2026-01-01T00:00:03.000Z" });
    for (const pieceBytes of [1, 7, 16_384, 20_000]) expect(await factsIn(pieceBytes)).toEqual(whole);
  });

  it("learns what somebody learns who looks at every line", async () => {
    const second = fc
      .nat({ max: 59 })
      .map((value) => `2026-01-01T00:00:${String(value).padStart(2, "0")}.000Z`);
    const typed = fc.record({ type: fc.constant("user"), sessionId: fc.constant("s"), timestamp: second });
    const titled = fc.record({ type: fc.constant("custom-title"), customTitle: fc.string() });
    const said = fc.tuple(typed, fc.string({ maxLength: 9000 }));
    const line = fc.oneof(
      said.map(([facts, content]) => JSON.stringify({ ...facts, message: { content } })),
      titled.map((title) => JSON.stringify(title)),
      fc.string().map((content) => JSON.stringify({ content })),
      fc.constantFrom("", "{", '"timestamp"', '"custom-title"'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 40_000 }), async (texts, pieceBytes) => {
        const bytes = Buffer.from(texts.join("\n"));
        const reader = new TranscriptReader();
        const collector = new FactsCollector();

        for (let at = 0; at < bytes.length; at += pieceBytes)
          await reader.add(bytes.subarray(at, at + pieceBytes));
        for (const text of texts) collector.add(text);

        expect(reader.finish()).toEqual(collector.facts());
      }),
    );
  });

  it.each<[string, string | Buffer, boolean]>([
    ["JSON", "{}\n", false],
    ["JSON behind white space and a byte order mark", "\ufeff \t{}\n", false],
    ["text", "hello\n", false],
    ["nothing but line ends", "\n\r\n\n", false],
    ["binary", Buffer.from([0x89, 0, 1, 2, 0x0a]), true],
    ["binary with a line of JSON", Buffer.from("\0\0\n{}\n"), false],
    ["a gzip", Buffer.from([0x1f, 0x8b, 8]), true],
    ["nested beyond reason", "[".repeat(lineDepth + 1), true],
    ["nested as deep as it may be", "[".repeat(lineDepth), false],
    ["a long line of JSON", `{"a":"${"\0".repeat(searchedLineBytes)}{[`, false],
    ["a long line of text with JSON inside", `${"x".repeat(searchedLineBytes)}{"a":1}\0`, false],
  ])("tells a transcript from a file of another kind: %s", async (_, bytes, expected) => {
    expect(await isForeign(bytes)).toBe(expected);
  });
});
