import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { constants, getPriority, setPriority } from "node:os";

/** As `nice` counts, below the main thread, which answers people. */
const BELOW = { compiling: 8, searching: 15, indexing: 19 } as const;
/** What V8 calls the threads that compile and tidy up for all others. */
const V8_THREAD = "V8Worker";

/**
 * Lets this thread give way to the main thread: else each thread that the main thread wakes takes the processor from it, for
 * up to some milliseconds. Only on Linux has each thread a priority; elsewhere it would be the whole server's.
 */
export function giveWay(what: "searching" | "indexing"): void {
  if (process.platform === "linux") lower(threadId(), what);
}

/** Lets the threads that V8 has for itself give way to the main thread, and go before those that search, which wait for them. */
export function compilerGivesWay(): void {
  if (process.platform !== "linux") return;
  for (const thread of readdirSync("/proc/self/task")) {
    try {
      if (nameOf(thread) === V8_THREAD) lower(Number(thread), "compiling");
    } catch {
      // It has ended, or the system forbids it: it is only a courtesy.
    }
  }
}

/** Nobody may take back what the owner gave away by starting the server itself with a low priority. */
function lower(thread: number, what: keyof typeof BELOW): void {
  setPriority(thread, Math.min(getPriority(thread) + BELOW[what], constants.priority.PRIORITY_LOW));
}

function nameOf(thread: string): string {
  return readFileSync(`/proc/self/task/${thread}/comm`, "utf8").trim();
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
