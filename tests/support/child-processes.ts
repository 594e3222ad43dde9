import { readdirSync, readFileSync } from "node:fs";
import { isErrno } from "../../disk/errno.ts";

/** Processes that this one, or the one with the id, has started and that have not ended, by the kernel's own list. Only Linux tells. */
export function childProcesses(pid: number | "self" = "self"): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => childrenOfThread(pid, thread));
}

/** A thread may end before it is looked at. */
function childrenOfThread(pid: number | "self", thread: string): string[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8");
    return children.split(" ").filter((child) => child.trim() !== "");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH")) return [];
    throw error;
  }
}
