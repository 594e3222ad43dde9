import { expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { Pace } from "../../server/sessions/pace.ts";

const busy = (): void => {
  const until = performance.now() + LIMITS.concurrency.busyMs;
  while (performance.now() < until);
};

it("gives others their turn after a few milliseconds of work, and not before", async () => {
  const pace = new Pace();
  const seen: string[] = [];
  const others = new Promise<void>((resolve) =>
    setImmediate(() => {
      seen.push("others");
      resolve();
    }),
  );

  await pace.rest();
  seen.push("a little work");
  busy();
  await pace.rest();
  seen.push("much work");
  await others;

  expect(seen).toEqual(["a little work", "others", "much work"]);
});

it("gives bytes in pieces, all of them in order", async () => {
  const data = Buffer.from("0123456789");
  const pieces: string[] = [];

  for await (const piece of new Pace().pieces(data, 4)) pieces.push(piece.toString());

  expect(pieces).toEqual(["0123", "4567", "89"]);
});
