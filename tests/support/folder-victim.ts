/** A process that changes a memory in a folder and is killed at one file-system call; prints when it was not. */
import { SharedFolder } from "../../client/memories/shared-folder.ts";
import { failAt } from "./faults.ts";
import { FOLDER_STEPS, type FolderStep } from "./folder-steps.ts";

const [, , folder = "", name = "", at = ""] = process.argv;
const step = new Map<string, FolderStep>(Object.entries(FOLDER_STEPS)).get(name);
const memory = await SharedFolder.open(folder);
{
  using _faults = await failAt(Number(at), "kill");
  await step?.act(memory);
}
process.stdout.write("whole");
