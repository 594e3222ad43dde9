import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

const MIB = 1024 * 1024;
/** The two halves of what the main thread may hold of what is new. */
const BYTES = 8 * MIB;
/** Far more arrays than it takes. */
const ARRAYS = 500;
const ARRAY_LENGTH = 4096;

/**
 * Bounds the part of this thread's heap that is for what is new. Left alone V8 lets it grow to 64 MiB and more under load,
 * and keeps that. Its size is an option of the command line only, but by which factor it grows is asked each time:
 * so it is made to grow once, by that factor, and never again. Call it first of all, before anything is in the heap.
 */
export function boundYoungHeap(): void {
  setFlagsFromString("--semi-space-growth-factor=4");
  fillYoungHeap();
  setFlagsFromString("--semi-space-growth-factor=1");
  // Other threads would not grow either: they begin with all they may have (`resourceLimits`).
  setFlagsFromString("--min-semi-space-size=16");
}

function fillYoungHeap(): void {
  const kept: number[][] = [];
  while (youngBytes() < BYTES && kept.length < ARRAYS)
    kept.push(Array.from({ length: ARRAY_LENGTH }, () => 0));
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find((space) => space.space_name === "new_space")?.space_size ?? BYTES;
}
