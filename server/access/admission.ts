import { LIMITS } from "../../contract/limits.ts";
import { Semaphore } from "../storage/semaphore.ts";

/** Who may upload a session now: few at once, some wait, the rest is told to come back (`unavailable`). */
export function uploadAdmission(): Semaphore {
  const { uploads, uploadQueue, queueWaitMs } = LIMITS.concurrency;
  return new Semaphore({ slots: uploads, queue: uploadQueue, waitMs: queueWaitMs, what: "uploads" });
}
