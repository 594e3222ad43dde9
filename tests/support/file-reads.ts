import { open } from "node:fs/promises";

/** Bytes that this process read through open files since this was made, until it is disposed. */
export async function countReads(): Promise<{ bytes: number } & Disposable> {
  await using handle = await open(import.meta.filename);
  const prototype: unknown = Object.getPrototypeOf(handle);
  if (typeof prototype !== "object" || prototype === null) throw new Error("a handle has a prototype");
  const read: unknown = Reflect.get(prototype, "read");
  if (typeof read !== "function") throw new Error("a handle can be read");
  const counted = { bytes: 0 };
  Reflect.set(prototype, "read", async function (this: unknown, ...input: unknown[]) {
    const result: { bytesRead: number } = await Reflect.apply(read, this, input);
    counted.bytes += result.bytesRead;
    return result;
  });
  return Object.assign(counted, { [Symbol.dispose]: () => void Reflect.set(prototype, "read", read) });
}
