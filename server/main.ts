import { keepCompiled } from "./threads/compile-cache.ts";
import { boundGarbage } from "./threads/garbage.ts";
import { compilerGivesWay } from "./threads/priority.ts";
import { boundYoungHeap } from "./threads/young-heap.ts";

boundYoungHeap();
boundGarbage();
compilerGivesWay();
keepCompiled();
// Only now: what is loaded from here on is kept.
const { run } = await import("./commands/index.ts");

process.exitCode = await run(process.argv.slice(2));
