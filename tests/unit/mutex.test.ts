import { describe, expect, it } from "vitest";
import { KeyedMutex } from "../../server/storage/mutex.ts";

describe("KeyedMutex", () => {
  it("runs one at a time per key, in order of arrival, whatever fails", async () => {
    const mutex = new KeyedMutex();
    const seen: string[] = [];
    const work =
      (name: string, fails = false) =>
      async () => {
        seen.push(`${name} in`);
        await new Promise(setImmediate);
        seen.push(`${name} out`);
        if (fails) throw new Error(name);
        return name;
      };

    const results = await Promise.allSettled([
      mutex.run("key", work("a", true)),
      mutex.run("key", work("b")),
      mutex.run("other", work("c")),
    ]);

    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    expect(seen).toEqual(["a in", "c in", "a out", "b in", "c out", "b out"]);
  });

  it("lets who waits give up at once, and nobody overtake", async () => {
    const mutex = new KeyedMutex();
    const first = Promise.withResolvers<void>();
    const seen: string[] = [];
    const running = mutex.run("key", () => first.promise.then(() => seen.push("first")));
    const caller = new AbortController();
    const waiting = mutex.run("key", async () => seen.push("given up"), caller.signal);
    const last = mutex.run("key", async () => seen.push("last"));

    caller.abort(new Error("gone"));

    await expect(waiting).rejects.toThrow("gone");
    await expect(mutex.run("key", async () => seen.push("late"), caller.signal)).rejects.toThrow("gone");
    expect(seen).toEqual([]);
    first.resolve();
    await Promise.all([running, last]);
    expect(seen).toEqual(["first", "last"]);
  });

  it("does not interrupt work that has begun", async () => {
    const mutex = new KeyedMutex();
    const caller = new AbortController();

    const result = await mutex.run(
      "key",
      async () => {
        caller.abort();
        return "done";
      },
      caller.signal,
    );

    expect(result).toBe("done");
  });
});
