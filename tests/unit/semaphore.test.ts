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
