import type { AppError } from "../../contract/errors.ts";
import { sha256 } from "../../disk/digest.ts";
import type { Edit, Reason } from "./edit.ts";
import { applyInsertions } from "./insertions.ts";
import type { SetupEntry } from "./setup-record.ts";
import { takeOut, type Hold } from "./take-out.ts";

/** A file that is left as it is; `lines` are what a person may add by hand. */
export interface Refusal extends Reason {
  readonly state: "refused";
  readonly lines: readonly string[];
}

/** A text before and after an edit of ours; what was taken out of it first is not in `hold`. */
export interface Draft {
  readonly state: "changed";
  readonly after: string;
  readonly hold: Hold;
  readonly shifted: readonly string[];
}

/** What an edit would come to. */
export type Drafted = Draft | { readonly state: "already" } | Refusal;

/** What an edit would make of a text. Pure. */
export function draftOf(text: string, holds: readonly Hold[], edit: Edit): Drafted {
  const plan = edit.plan(text);
  if (plan.state === "already" || plan.state === "refused") return plan;
  const rest = takeOut(text, holds, edit);
  const isUnreadable = rest !== "nothing" && "unreadable" in rest;
  if (isUnreadable && plan.state === "stale")
    return refusalOf({ kind: "unreadable", why: rest.unreadable }, edit);
  const isOurs = rest !== "nothing" && !isUnreadable;
  const { text: base, shifted } = isOurs ? rest : { text, shifted: [] };
  const anew = isOurs ? edit.plan(base) : plan;
  if (anew.state === "refused") return anew;
  if (anew.state !== "insert") throw new Error("nothing of ours is left");
  const after = applyInsertions(base, anew.insertions);
  const hold = { insertions: [...anew.insertions], made: anew.made, after_sha256: sha256(after) };
  return { state: "changed", after, hold, shifted };
}

/** What may be in a file, the latest first. */
export function holdsOf(entry: SetupEntry | undefined): Hold[] {
  if (entry === undefined) return [];
  return entry.earlier === undefined ? [entry] : [entry, entry.earlier];
}

/** Why nothing is put in; what a person may add by hand is what an empty file would get. */
export function refusalOf({ kind, why }: Reason, edit: Edit): Refusal {
  const plan = edit.plan("");
  const inserted = plan.state === "insert" ? applyInsertions("", plan.insertions) : "";
  return { state: "refused", kind, why, lines: inserted.trimEnd().split("\n") };
}

/** Why a file could not be read or written. */
export function reasonOf({ code, message }: AppError): Reason {
  return { kind: code === "conflict" ? "changed" : "file", why: message };
}
