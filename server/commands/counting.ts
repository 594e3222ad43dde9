import type { Item } from "../backup/item.ts";

const EVERY_MS = 200;
/** Back to the beginning of the line, and nothing behind it. */
const CLEAR = "\r\x1b[K";

/** Says on a terminal how far long work is; nothing elsewhere. Clears its line when disposed. */
export function counting(done: string): { saw: (item: Item) => void } & Disposable {
  const isShown = process.stderr.isTTY;
  let [files, bytes, saidMs] = [0, 0, 0];
  const say = (text: string) => void (isShown && process.stderr.write(`${CLEAR}${text}`));
  return {
    saw(item) {
      if (item.kind !== "file") return;
      files += 1;
      bytes += item.sizeBytes;
      if (Date.now() - saidMs < EVERY_MS) return;
      saidMs = Date.now();
      say(`${files} files, ${(bytes / 1e6).toFixed(0)} MB ${done}`);
    },
    [Symbol.dispose]: () => say(""),
  };
}
