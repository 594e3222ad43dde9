/** A process that installs the samples' hooks into a file, or takes them out again, and is killed at one file-system call; prints when it was not. */
import { putIn } from "../../client/edit/put-in.ts";
import { SetupRecord } from "../../client/edit/setup-record.ts";
import { takeBack } from "../../client/edit/take-back.ts";
import { environmentOf } from "../../client/home/home.ts";
import { EDITS } from "./edit-lab.ts";
import { failAt } from "./faults.ts";

const [, , root = "", path = "", act = "", at = ""] = process.argv;
const { home } = environmentOf({ MEMORY_SYNC_HOME: root });
const edit = EDITS["settings"];
if (edit === undefined) throw new Error("no edit of settings");
{
  await using record = await SetupRecord.open(home);
  using _faults = await failAt(Number(at), "kill");
  await (act === "install" ? putIn(record, path, edit) : takeBack(record, path, edit));
}
process.stdout.write("whole");
