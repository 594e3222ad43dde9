import fc from "fast-check";
import { expect, it } from "vitest";
import { Semaphore } from "../../server/storage/semaphore.ts";

const options = { slots: 1, queue: 2, waitMs: 60_000, what: "uploads" };

it("admits in order of arrival and refuses beyond the queue", async () => {
  const semaphore = new Semaphore(options);
  const order: string[] = [];
  const first = await semaphore.acquire();
  const waiting = ["b", "c"].map(async (name) => {
    using _slot = await semaphore.acquire();
    order.push(name);
  });

  const refused = semaphore.acquire();
  await expect(refused).rejects.toMatchObject({ code: "unavailable", message: "Too many uploads at once" });
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  await Promise.all(waiting);

  expect(order).toEqual(["b", "c"]);
  using _again = await semaphore.acquire();
});

it("lets go of who leaves the queue or waits too long, and keeps its slots right", async () => {
  const semaphore = new Semaphore({ ...options, waitMs: 5 });
  const caller = new AbortController();
  const held = await semaphore.acquire();

  const left = semaphore.acquire(caller.signal);
  const late = semaphore.acquire();
  caller.abort(new Error("gone"));

  await expect(left).rejects.toThrow("gone");
  await expect(late).rejects.toMatchObject({ code: "unavailable" });
  await expect(semaphore.acquire(caller.signal)).rejects.toThrow("gone");
  held[Symbol.dispose]();
  using _next = await semaphore.acquire();
  await expect(semaphore.acquire()).rejects.toMatchObject({ code: "unavailable" });
});

const Step = fc.record({
  kind: fc.constantFrom("come", "come", "leave", "finish", "pause"),
  /** How many came after the one meant. */
  which: fc.nat({ max: 3 }),
});

it("loses no slot and gives out none too many, whoever comes, leaves or finishes in one moment", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(Step, { minLength: 20, maxLength: 60 }),
      async (slots, steps) => {
        const semaphore = new Semaphore({ ...options, slots, queue: 5 });
        const held: Disposable[] = [];
        const callers: AbortController[] = [];
        let most = 0;
        const finish = () => held.shift()?.[Symbol.dispose]();
        const come = async () => {
          const caller = new AbortController();
          callers.push(caller);
          held.push(await semaphore.acquire(caller.signal));
          most = Math.max(most, held.length);
        };
        const outcomes: Promise<unknown>[] = [];

        for (const { kind, which } of steps) {
          if (kind === "come") outcomes.push(come().catch(() => undefined));
          if (kind === "leave") callers.at(-1 - which)?.abort(new Error("gone"));
          if (kind === "finish") finish();
          if (kind === "pause") await settled();
        }
        for (const caller of callers) caller.abort(new Error("gone"));
        await Promise.all(outcomes);
        while (held.length > 0) finish();

        const again = Array.from({ length: slots }, () => semaphore.acquire());
        expect(most).toBeLessThanOrEqual(slots);
        expect(await Promise.race([Promise.all(again), settled()])).toHaveLength(slots);
      },
    ),
    { numRuns: 300 },
  );
});

/** Once everything that is ready to go on has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
