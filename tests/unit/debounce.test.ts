import { expect, it } from "vitest";
import { Debounce } from "../../server/index/orders/debounce.ts";

const MINUTE = 60_000;

it("does once, afterwards, what was asked for again and again", async () => {
  const { promise: done, resolve } = Promise.withResolvers<void>();
  let times = 0;
  const work = () => {
    times += 1;
    resolve();
  };
  using debounce = new Debounce(work, { quietMs: 5, longestMs: MINUTE });

  for (let asked = 0; asked < 10; asked += 1) debounce.ask();

  expect([times, debounce.isAwaited]).toEqual([0, true]);
  await done;
  expect([times, debounce.isAwaited]).toEqual([1, false]);
});

it("does not wait for ever while it is asked", async () => {
  const { promise: done, resolve } = Promise.withResolvers<void>();
  using debounce = new Debounce(resolve, { quietMs: MINUTE, longestMs: 20 });
  const asking = setInterval(() => debounce.ask(), 5);

  await done;

  clearInterval(asking);
  expect(debounce.isAwaited).toBe(false);
});

it("does nothing once it is over", async () => {
  let times = 0;
  const debounce = new Debounce(() => (times += 1), { quietMs: 1, longestMs: MINUTE });
  debounce.ask();

  debounce[Symbol.dispose]();

  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([times, debounce.isAwaited]).toEqual([0, false]);
});
