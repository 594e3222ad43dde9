import { setFlagsFromString } from "node:v8";

/** Of what a heap held after it was last tidied up, in percent. */
const MOST_PERCENT = 60;

/**
 * Bounds what may gather in the heap of each thread, this one and those that it starts later, until the heap is tidied up.
 * Left alone V8 lets a heap grow to four times what is needed of it while the program has much else to do. It asks for the
 * option each time, so it can be given here. Tidying up goes on beside the threads, and more often: call it only where what
 * is made is mostly forgotten while it is new.
 */
export function boundGarbage(): void {
  setFlagsFromString(`--heap-growing-percent=${MOST_PERCENT}`);
}
