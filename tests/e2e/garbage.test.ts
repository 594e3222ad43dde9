import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const MIB = 1024 * 1024;
const THREADS = join(import.meta.dirname, "../../server/threads");

/** Needs some 30 MiB all the time, and makes much that is forgotten a little later; says how much lay there at most. */
const WORK = `
  import { getHeapStatistics } from "node:v8";
  import { boundGarbage } from ${JSON.stringify(join(THREADS, "garbage.ts"))};
  import { boundYoungHeap } from ${JSON.stringify(join(THREADS, "young-heap.ts"))};
  boundYoungHeap();
  if (process.env.BOUNDED === "yes") boundGarbage();
  const needed = Array.from({ length: 300_000 }, (_, made) => ({ made, text: "needed" + made }));
  const kept = [];
  let most = 0;
  for (let made = 0; made < 4_000_000; made += 1) {
    kept[made % 60_000] = { made, text: "text" + made };
    if (made % 10_000 === 0) most = Math.max(most, getHeapStatistics().used_heap_size);
  }
  console.log(needed.length > 0 ? most : 0);
`;

it("does not let what is forgotten take several times the memory of what is needed", async () => {
  const free = await mostBytesOf({});
  const bounded = await mostBytesOf({ BOUNDED: "yes" });

  expect(free).toBeGreaterThan(100 * MIB);
  expect(bounded).toBeLessThan(80 * MIB);
});

async function mostBytesOf(env: Record<string, string>): Promise<number> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", WORK], { env });
  return Number(stdout);
}
