import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { SyncError, syncOrStop } from "../../disk/sync.ts";
import { countFlushes } from "../../server/observe/flushes.ts";

const errno = (code: string) => Object.assign(new Error(code), { code });

it("counts flushes that the disk confirmed, and those it did not, until it is told to stop", async () => {
  const seen: boolean[] = [];
  const tookSeconds: number[] = [];
  const flushed = ({ seconds, isConfirmed }: { seconds: number; isConfirmed: boolean }) => {
    tookSeconds.push(seconds);
    seen.push(isConfirmed);
  };
  const failing = (code: string) => ({ sync: () => Promise.reject(errno(code)) });

  const counting = countFlushes({ flushed });
  await syncOrStop({ sync: () => sleep(30) });
  await syncOrStop(failing("EINVAL"));
  await expect(syncOrStop(failing("EIO"))).rejects.toThrow(SyncError);
  counting[Symbol.dispose]();
  await syncOrStop({ sync: async () => {} });
  await expect(syncOrStop(failing("EIO"))).rejects.toThrow(SyncError);

  expect(seen).toEqual([true, true, false]);
  // A timer may be a millisecond early. In milliseconds it would be thirty.
  expect(tookSeconds[0]).toBeGreaterThan(0.025);
  expect(tookSeconds[0]).toBeLessThan(25);
});
