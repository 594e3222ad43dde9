import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const MIB = 1024 * 1024;
const MODULE = join(import.meta.dirname, "../../server/threads/young-heap.ts");

/** Keeps much of what is new for a while, which lets V8 give it more room; says how much there is in the end. */
const WORK = `
  import { getHeapSpaceStatistics } from "node:v8";
  const kept = [];
  for (let made = 0; made < 1_000_000; made += 1) kept[made % 60_000] = { made, text: "text" + made };
  console.log(getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space").space_size);
`;

it("does not let what is new take more memory than it may", async () => {
  const free = await youngBytesAfter(WORK);
  const bounded = await youngBytesAfter(`import { boundYoungHeap } from ${JSON.stringify(MODULE)};
    boundYoungHeap();
    ${WORK}`);

  expect(free).toBeGreaterThan(16 * MIB);
  expect(bounded).toBeLessThanOrEqual(8 * MIB);
});

async function youngBytesAfter(program: string): Promise<number> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program]);
  return Number(stdout);
}
