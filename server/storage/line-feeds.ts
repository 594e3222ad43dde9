export const LINE_FEED = 0x0a;

/** How many line ends there are. A plain loop: searching for each one costs more where lines are short. */
export function countLineFeeds(data: Buffer): number {
  let count = 0;
  for (let at = 0; at < data.length; at += 1) if (data[at] === LINE_FEED) count += 1;
  return count;
}

/** True when a last line without an end begins or goes on in these bytes. */
export function endsInsideLine(data: Buffer): boolean {
  return data.length > 0 && data.at(-1) !== LINE_FEED;
}
