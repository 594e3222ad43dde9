import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { Gatherer } from "../../proxy/stream/gatherer.ts";

it("passes on as one what comes together, and at once what comes alone", async () => {
  const gatherer = new Gatherer();
  const out: string[] = [];
  gatherer.on("data", (piece: Buffer) => out.push(piece.toString()));

  for (const text of ["a", "b", "c"]) gatherer.write(Buffer.from(text));
  await nextTurn();
  gatherer.write(Buffer.from("d"));
  await nextTurn();

  expect(out).toEqual(["a", "bc", "d"]);
});

it("takes no more than it can pass on", async () => {
  const gatherer = new Gatherer();
  const piece = Buffer.alloc(1024);
  let written = 0;

  while (gatherer.write(piece) && written < 10_000) written += 1;
  await nextTurn();
  while (gatherer.write(piece) && written < 10_000) written += 1;
  await nextTurn();

  expect(written * piece.length).toBeLessThanOrEqual(
    2 * (gatherer.writableHighWaterMark + gatherer.readableHighWaterMark),
  );
});

it("loses nothing and ends with what it was given", async () => {
  const pieces = Array.from({ length: 5000 }, (_, index) => Buffer.from(`${index},`));
  const out: Buffer[] = [];

  await pipeline(Readable.from(pieces), new Gatherer(), async (source: AsyncIterable<Buffer>) => {
    for await (const piece of source) out.push(piece);
  });

  expect(Buffer.concat(out).equals(Buffer.concat(pieces))).toBe(true);
});
