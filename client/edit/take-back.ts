import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { Dotfile } from "./dotfile.ts";
import { holdsOf, reasonOf } from "./draft.ts";
import type { Edit, Reason } from "./edit.ts";
import { removeFolders } from "./made-folders.ts";
import type { SetupEntry, SetupRecord } from "./setup-record.ts";
import { takeOut, type TakenOut } from "./take-out.ts";

/**
 * What became of taking ours out of a file. `gone`: there was none of ours any more. `removed`: the file was ours alone.
 * `refused`: the file is as it was, and so is the record.
 */
export type TakenBack =
  | {
      readonly state: "done";
      readonly how: TakenOut["how"];
      readonly shifted: readonly string[];
      readonly backup: string | undefined;
    }
  | { readonly state: "removed" | "gone" }
  | ({ readonly state: "refused" } & Reason);

/**
 * Takes out of a file what `putIn` put in. Bytes that nobody changed since become what they were before; what others
 * changed stays as they left it, and then the file is backed up first. Without a record ours is found by what it looks like: the
 * edit is of all that may ever have been put in.
 */
export async function takeBack(record: SetupRecord, path: string, edit: Edit): Promise<TakenBack> {
  for (let round = 1; ; round++) {
    try {
      return await takeBackOnce(record, path, edit);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code !== "conflict" || round === LIMITS.client.editRounds)
        return { state: "refused", ...reasonOf(error) };
    }
  }
}

async function takeBackOnce(record: SetupRecord, path: string, edit: Edit): Promise<TakenBack> {
  const file = await Dotfile.read(path);
  const known = record.find(path);
  if (known?.state === "intended") await file.sweep();
  const rest = takeOut(file.text, holdsOf(known), edit);
  if (rest !== "nothing" && "unreadable" in rest)
    return { state: "refused", kind: "unreadable", why: rest.unreadable };
  const result =
    rest === "nothing" ? { state: "gone" as const } : await write(record, { file, rest, edit, known });
  if (known === undefined) return result;
  if (result.state !== "done") await removeFolders(known.made_folders);
  await record.drop(path);
  return result;
}

async function write(
  record: SetupRecord,
  { file, rest, edit, known }: { file: Dotfile; rest: TakenOut; edit: Edit; known: SetupEntry | undefined },
): Promise<TakenBack> {
  await file.assertWritable();
  // Whoever comes after a crash looks for what it left behind.
  if (known !== undefined) await record.put({ ...known, state: "intended" });
  if (known?.made_file === true && edit.isEmpty(rest.text)) {
    await file.remove();
    return { state: "removed" };
  }
  const isBackedUp = rest.how !== "exact" && file.bytes !== undefined;
  const backup = isBackedUp ? await record.backUp(file.real, file.bytes) : undefined;
  await file.replace(rest.text);
  return { state: "done", how: rest.how, shifted: rest.shifted, backup };
}
