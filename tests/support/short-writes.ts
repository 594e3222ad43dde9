import { open } from "node:fs/promises";

const MOST_BYTES = 7;

/** Until disposed, every write of this process through an open file takes a few bytes only, as systems may; `count` of them. */
export async function shortWrites(): Promise<{ count: number } & Disposable> {
  await using handle = await open(import.meta.filename);
  const prototype: unknown = Object.getPrototypeOf(handle);
  if (typeof prototype !== "object" || prototype === null) throw new Error("a handle has a prototype");
  const write: unknown = Reflect.get(prototype, "write");
  if (typeof write !== "function") throw new Error("a handle can write");
  const state = { count: 0 };
  Reflect.set(
    prototype,
    "write",
    function (this: unknown, data: Uint8Array, offset = 0, length = data.length - offset, position?: number) {
      state.count += 1;
      return Reflect.apply(write, this, [data, offset, Math.min(MOST_BYTES, length), position]);
    },
  );
  return Object.assign(state, { [Symbol.dispose]: () => void Reflect.set(prototype, "write", write) });
}
