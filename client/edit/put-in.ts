import { dirname } from "node:path";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { sha256 } from "../../disk/digest.ts";
import { makeFolders } from "../../disk/folder.ts";
import { Dotfile } from "./dotfile.ts";
import { draftOf, holdsOf, reasonOf, refusalOf, type Draft, type Refusal } from "./draft.ts";
import type { Edit } from "./edit.ts";
import { missingFolders, removeFolders } from "./made-folders.ts";
import type { SetupEntry, SetupRecord } from "./setup-record.ts";

/** What became of an edit. */
export type PutIn =
  | {
      readonly state: "done" | "already";
      readonly shifted: readonly string[];
      readonly backup: string | undefined;
    }
  | Refusal;

/**
 * Puts ours into a file of another program, once, and writes down what it did. What is there of ours and is not as it
 * should be is taken out first. A crash leaves the old file or the new one, and a record that leads to either.
 */
export async function putIn(record: SetupRecord, path: string, edit: Edit): Promise<PutIn> {
  for (let round = 1; ; round++) {
    try {
      return await putInOnce(record, path, edit);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code !== "conflict" || round === LIMITS.client.editRounds)
        return refusalOf(reasonOf(error), edit);
    }
  }
}

async function putInOnce(record: SetupRecord, path: string, edit: Edit): Promise<PutIn> {
  const file = await Dotfile.read(path);
  const known = record.find(path);
  if (known?.state === "intended") await file.sweep();
  const draft = draftOf(file.text, holdsOf(known), edit);
  if (draft.state === "refused") return draft;
  if (draft.state === "already") {
    await settle(record, { path, file, edit });
    return { state: "already", shifted: [], backup: undefined };
  }
  await file.assertWritable();
  const entry = await entryOf(record, { path, file, edit, draft });
  await record.put(entry);
  await makeFolders(dirname(file.real));
  await writeOrForget(record, { file, entry, known, after: draft.after });
  await record.put({ ...entry, state: "done", earlier: undefined });
  return { state: "done", shifted: draft.shifted, backup: entry.backup };
}

/** What is there already is written down too, if it is not yet: a record may have got lost, a crash may have come between. */
async function settle(
  record: SetupRecord,
  { path, file, edit }: { path: string; file: Dotfile; edit: Edit },
): Promise<void> {
  const known = record.find(path);
  const digest = sha256(file.text);
  if (known?.state === "done") return;
  if (known?.after_sha256 === digest) return record.put({ ...known, state: "done", earlier: undefined });
  const hold = known?.earlier ?? { insertions: [], made: [], after_sha256: digest };
  const nothing = { made_file: false, made_folders: [], before_sha256: digest };
  await record.put({
    ...nothing,
    ...known,
    path,
    real: file.real,
    kind: edit.kind,
    ...hold,
    state: "done",
    earlier: undefined,
  });
}

async function entryOf(
  record: SetupRecord,
  { path, file, edit, draft }: { path: string; file: Dotfile; edit: Edit; draft: Draft },
): Promise<SetupEntry> {
  const known = record.find(path);
  const before = file.bytes === undefined ? null : sha256(file.bytes);
  const { insertions, made, after_sha256 } = draft.hold;
  return {
    path,
    real: file.real,
    kind: edit.kind,
    state: "intended",
    made_file: known?.made_file ?? !file.isThere,
    made_folders: [...new Set([...(await missingFolders(file.real)), ...(known?.made_folders ?? [])])],
    insertions: [...insertions],
    made: made.map((names) => [...names]),
    before_sha256: before,
    after_sha256,
    backup: await backupOf(record, { file, known, before }),
    earlier: known?.state === "done" ? heldOf(known) : known?.earlier,
  };
}

/** After a crash before the edit there is a backup of the same bytes. */
async function backupOf(
  record: SetupRecord,
  { file, known, before }: { file: Dotfile; known: SetupEntry | undefined; before: string | null },
): Promise<string | undefined> {
  if (file.bytes === undefined) return undefined;
  if (known?.state === "intended" && known.before_sha256 === before && known.backup !== undefined)
    return known.backup;
  return record.backUp(file.real, file.bytes);
}

/** What cannot be written leaves the record as it was. */
async function writeOrForget(
  record: SetupRecord,
  {
    file,
    entry,
    known,
    after,
  }: { file: Dotfile; entry: SetupEntry; known: SetupEntry | undefined; after: string },
): Promise<void> {
  try {
    await file.replace(after);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    await removeFolders(entry.made_folders);
    await (known === undefined ? record.drop(entry.path) : record.put(known));
    throw error;
  }
}

function heldOf({ insertions, made, after_sha256 }: SetupEntry): NonNullable<SetupEntry["earlier"]> {
  return { insertions, made, after_sha256 };
}
