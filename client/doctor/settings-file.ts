import { AppError } from "../../contract/errors.ts";
import { isSystemError } from "../../disk/errno.ts";
import { Dotfile } from "../edit/dotfile.ts";
import type { Edit } from "../edit/edit.ts";

/** How a file of another program stands to what we put into it. `stale`: it holds ours in another way than now. */
export type Standing = "there" | "stale" | "missing" | "unreadable";

/** A settings file of another program as it is now; its text is empty where it is missing or, as `fault` says, not readable. */
export async function settingsText(path: string): Promise<{ text: string; fault?: string }> {
  try {
    return { text: (await Dotfile.read(path)).text };
  } catch (error) {
    if (error instanceof AppError) return { text: "", fault: `${error.message}${codeOf(error.cause)}` };
    if (isSystemError(error)) return { text: "", fault: `It cannot be read${codeOf(error)}` };
    throw error;
  }
}

/** What the system says, for whoever has to put it right. */
function codeOf(cause: unknown): string {
  return isSystemError(cause) ? ` (${cause.code})` : "";
}

/** Why an edit can do nothing with a text; undefined where it can. */
export function refusalOf(edit: Edit, text: string): string | undefined {
  const plan = edit.plan(text);
  return plan.state === "refused" ? plan.why : undefined;
}

/** Whether ours is in a text. */
export function standingOf(edit: Edit, text: string): Standing {
  const { state } = edit.plan(text);
  if (state === "already") return "there";
  if (state === "stale") return "stale";
  return state === "insert" ? "missing" : "unreadable";
}
