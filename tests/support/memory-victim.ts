/** A process that changes the memories of a workspace and is killed at one file-system call; it says "acked" when it lived. */
import { KnowledgeStore } from "../../server/knowledge/store.ts";
import { WriteGuard } from "../../server/storage/write-guard.ts";
import { failAt } from "./faults.ts";
import { BROKEN, STEPS, type MemoryStep } from "./memory-steps.ts";

const [, , root = "", id = "", name = "", at = ""] = process.argv;
const step = new Map<string, MemoryStep>(Object.entries({ ...STEPS, ...BROKEN })).get(name);
const files = new KnowledgeStore(root, new WriteGuard(root)).memories(id);
{
  using _faults = await failAt(Number(at), "kill");
  await step?.act({ files, root, id });
}
process.stdout.write("acked");
