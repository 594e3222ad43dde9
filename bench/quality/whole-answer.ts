/** Tries, for on a busy machine the time of a search may not suffice. */
const TRIES = 10;

/** Not how fast an answer comes is measured here: a partial one is asked for again. */
export async function wholeAnswer<T extends { partial: boolean; note?: string | undefined }>(
  ask: () => Promise<T>,
): Promise<T> {
  for (let left = TRIES; ; left -= 1) {
    const answer = await ask();
    if (!answer.partial) return answer;
    if (left === 0) throw new Error(`the answer is partial again and again: ${answer.note}`);
  }
}
