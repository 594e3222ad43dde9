/** The first of `length` indexes that does not come before, which then holds for all behind it; `length` when all do. */
export function firstIndex(length: number, comesBefore: (index: number) => boolean): number {
  let [from, to] = [0, length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (comesBefore(middle)) from = middle + 1;
    else to = middle;
  }
  return from;
}
