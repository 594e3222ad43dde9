/** A process that does one step on a MEMORY_ROOT and is killed at one file-system call; it says "acked" when it lived. */
import { join } from "node:path";
import { KnowledgeStore } from "../../server/knowledge/store.ts";
import { WriteGuard } from "../../server/storage/write-guard.ts";
import { failAt } from "./faults.ts";
import { BROKEN, STEPS, type Step } from "./knowledge-steps.ts";

const [, , root = "", id = "", name = "", at = ""] = process.argv;
const step: Step | undefined =
  name === "broken" ? BROKEN : new Map<string, Step>(Object.entries(STEPS)).get(name);
const store = new KnowledgeStore(root, new WriteGuard(root));
{
  using _faults = await failAt(Number(at), "kill");
  await step?.act({ store, id, folder: join(root, "workspaces", id) });
}
process.stdout.write("acked");
