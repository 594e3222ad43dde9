import { AppError } from "../../contract/errors.ts";
import type { Home } from "../home/home.ts";
import { unifiedDiff } from "./diff.ts";
import { Dotfile } from "./dotfile.ts";
import { draftOf, holdsOf, reasonOf } from "./draft.ts";
import type { Edit, Reason } from "./edit.ts";
import { readSetup, type SetupEntry } from "./setup-record.ts";
import { takeOut } from "./take-out.ts";

/** What an edit would do to a file. `diff` is empty when nothing would change; A reason says why nothing can be done. */
export type Preview = { readonly diff: string } | Reason;

/** What `putIn` would do. Changes nothing, takes no lock. */
export async function previewPutIn(home: Home, path: string, edit: Edit): Promise<Preview> {
  return preview({ home, path }, (text, known) => {
    const draft = draftOf(text, holdsOf(known), edit);
    if (draft.state === "refused") return { kind: draft.kind, why: draft.why };
    return draft.state === "already" ? text : draft.after;
  });
}

/** What `takeBack` would do; a file that goes is shown as emptied. Changes nothing, takes no lock. */
export async function previewTakeBack(home: Home, path: string, edit: Edit): Promise<Preview> {
  return preview({ home, path }, (text, known) => {
    const rest = takeOut(text, holdsOf(known), edit);
    if (rest === "nothing") return text;
    if ("unreadable" in rest) return { kind: "unreadable", why: rest.unreadable };
    return known?.made_file === true && edit.isEmpty(rest.text) ? "" : rest.text;
  });
}

async function preview(
  { home, path }: { home: Home; path: string },
  change: (text: string, known: SetupEntry | undefined) => string | Reason,
): Promise<Preview> {
  try {
    const file = await Dotfile.read(path);
    const known = (await readSetup(home)).find((entry) => entry.path === path);
    const after = change(file.text, known);
    if (typeof after !== "string") return after;
    if (after !== file.text) await file.assertWritable();
    return { diff: unifiedDiff(path, file.text, after) };
  } catch (error) {
    if (error instanceof AppError) return reasonOf(error);
    throw error;
  }
}
