const LINE_FEED = 10;

/** From line `from`, counted from 1; undefined `count`: to the end. */
export interface LineRange {
  from: number;
  count: number | undefined;
}

/** The bytes of some lines of a stream, as they are. */
export async function* takeLines(
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  range: LineRange,
): AsyncGenerator<Uint8Array> {
  const end = range.from + (range.count ?? Infinity);
  let line = 1;
  for await (const chunk of source) {
    let start = line >= range.from ? 0 : chunk.length;
    let position = 0;
    while (line < end) {
      const found = chunk.indexOf(LINE_FEED, position);
      if (found === -1) break;
      position = found + 1;
      line += 1;
      if (line === range.from) start = position;
    }
    const stop = line < end ? chunk.length : position;
    if (start < stop) yield chunk.subarray(start, stop);
    if (line >= end) break;
  }
}
