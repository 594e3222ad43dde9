import { expect, it } from "vitest";
import { Lull } from "../../server/index/coverage/lull.ts";

const MINUTE = 60_000;

it("does once, afterwards, what was asked for again and again", async () => {
  const { promise: done, resolve } = Promise.withResolvers<void>();
  let times = 0;
  const work = () => {
    times += 1;
    resolve();
  };
  using lull = new Lull(work, { quietMs: 5, longestMs: MINUTE });

  for (let asked = 0; asked < 10; asked += 1) lull.ask();

  expect([times, lull.isAwaited]).toEqual([0, true]);
  await done;
  expect([times, lull.isAwaited]).toEqual([1, false]);
});

it("does not wait for ever while it is asked", async () => {
  const { promise: done, resolve } = Promise.withResolvers<void>();
  using lull = new Lull(resolve, { quietMs: MINUTE, longestMs: 20 });
  const asking = setInterval(() => lull.ask(), 5);

  await done;

  clearInterval(asking);
  expect(lull.isAwaited).toBe(false);
});

it("does nothing once it is over", async () => {
  let times = 0;
  const lull = new Lull(() => (times += 1), { quietMs: 1, longestMs: MINUTE });
  lull.ask();

  lull[Symbol.dispose]();

  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([times, lull.isAwaited]).toEqual([0, false]);
});
