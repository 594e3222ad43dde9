export const LINE_FEED = 0x0a;

/** How far ahead a line end is looked for byte by byte. */
const NEAR_BYTES = 128;

/** How many line ends there are. */
export function countLineFeeds(data: Buffer): number {
  let count = 0;
  for (let end = lineEnd(data, 0); end !== -1; end = lineEnd(data, end + 1)) count += 1;
  return count;
}

/** As `indexOf`, which is many times faster where lines are long, and costs more than a plain loop where they are short. */
function lineEnd(data: Buffer, start: number): number {
  const near = Math.min(data.length, start + NEAR_BYTES);
  for (let at = start; at < near; at += 1) if (data[at] === LINE_FEED) return at;
  return near < data.length ? data.indexOf(LINE_FEED, near) : -1;
}

/** True when a last line without an end begins or goes on in these bytes. */
export function endsInsideLine(data: Buffer): boolean {
  return data.length > 0 && data.at(-1) !== LINE_FEED;
}
