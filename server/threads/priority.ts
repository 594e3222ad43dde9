import { readlinkSync } from "node:fs";
import { constants, getPriority, setPriority } from "node:os";

/** As `nice` counts, below the main thread, which answers people. */
const BELOW = { searching: 10, indexing: 15 } as const;

/**
 * Lets this thread give way to the main thread: else each thread that the main thread wakes takes the processor from it, for
 * up to some milliseconds. Only on Linux has each thread a priority; elsewhere it would be the whole server's.
 */
export function giveWay(what: keyof typeof BELOW): void {
  if (process.platform !== "linux") return;
  const thread = threadId();
  // Nobody may take back what the owner gave away by starting the server itself with a low priority.
  setPriority(thread, Math.min(getPriority(thread) + BELOW[what], constants.priority.PRIORITY_LOW));
}

/**
 * Lets a process that the main thread started give way to it, as far as the thread that indexes does. Does nothing when the
 * process has ended already, or the system forbids it: it is only a courtesy.
 */
export function processGivesWay(pid: number): void {
  try {
    setPriority(pid, Math.min(getPriority() + BELOW.indexing, constants.priority.PRIORITY_LOW));
  } catch {
    return;
  }
}

function threadId(): number {
  // `<process>/task/<thread>`
  return Number(readlinkSync("/proc/thread-self").split("/").at(-1));
}
