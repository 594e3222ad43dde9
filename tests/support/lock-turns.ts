/**
 * A process that takes a lock again and again, and each time adds one to the number in a file that the lock guards.
 * Every second time it leaves the lock as a process leaves it that dies: somebody has to clear it away.
 */
import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { Lock } from "../../client/home/lock.ts";

const [, , lockPath = "", counterPath = "", turns = "0"] = process.argv;
const { pid: deadPid } = spawnSync(process.execPath, ["-e", ""]);

for (let turn = 0; turn < Number(turns); turn += 1) {
  await using lock = await Lock.take(lockPath, 60_000);
  if (lock === undefined) throw new Error("the lock was not free in time");
  const count = Number(await readFile(counterPath, "utf8"));
  await writeFile(counterPath, String(count + 1));
  if (turn % 2 === 1) await writeFile(lockPath, `${deadPid} ${hostname()} ${process.pid}.${turn}`);
}
