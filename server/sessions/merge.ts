/** Several sequences as one, in order; each must be in order already, and no more of it is read than is needed. */
export function* merged<T>(
  sequences: readonly Iterable<T>[],
  compare: (a: T, b: T) => number,
): Generator<T, void, undefined> {
  /** The sequences that have more, by their next value, the last one first. */
  const heads: { value: T; rest: Iterator<T> }[] = [];
  const advance = (rest: Iterator<T>) => {
    const { value, done } = rest.next();
    if (done !== true) heads.splice(placeOf(value), 0, { value, rest });
  };
  const placeOf = (value: T) => {
    let [low, high] = [0, heads.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const head = heads[middle];
      if (head !== undefined && compare(head.value, value) > 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  for (const sequence of sequences) advance(sequence[Symbol.iterator]());
  for (let head = heads.pop(); head !== undefined; head = heads.pop()) {
    yield head.value;
    advance(head.rest);
  }
}
