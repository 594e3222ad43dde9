import { AppError } from "../../contract/errors.ts";
import { Dotfile } from "../edit/dotfile.ts";
import type { Edit } from "../edit/edit.ts";

/** How a file of another program stands to what we put into it. `stale`: it holds ours in another way than now. */
export type Standing = "there" | "stale" | "missing" | "unreadable";

/** A settings file of another program as it is now; its text is empty where it is missing. */
export async function settingsText(path: string): Promise<{ text: string; fault?: string }> {
  try {
    return { text: (await Dotfile.read(path)).text };
  } catch (error) {
    if (error instanceof AppError) return { text: "", fault: error.message };
    throw error;
  }
}

/** Whether ours is in a text. */
export function standingOf(edit: Edit, text: string): Standing {
  const { state } = edit.plan(text);
  if (state === "already") return "there";
  if (state === "stale") return "stale";
  return state === "insert" ? "missing" : "unreadable";
}
