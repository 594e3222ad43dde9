import type { Insertion } from "./insertions.ts";

/** Names that lead to a value of a JSON text, from its root. */
export type JsonPath = readonly string[];

/**
 * Why a file is left as it is, for programs. `taken`: something of others has the name of ours; `unreadable`: its text cannot be
 * understood; `unfit`: ours has no place in what it holds; `file`: it cannot be read or written; `changed`: others write it now.
 */
export type RefusalKind = "taken" | "unreadable" | "unfit" | "file" | "changed";

/** Why a file is left as it is. */
export interface Reason {
  readonly kind: RefusalKind;
  /** For people. */
  readonly why: string;
}

/** Nobody can tell what of a text is ours, for this reason. */
export interface Unreadable {
  readonly unreadable: string;
}

/**
 * What an edit of ours would do to a text. `already`: all of ours is there. `stale`: something of ours is there that
 * has to be taken out first. `refused`: the text is left as it is; `lines` are what a person may add by hand.
 */
export type Plan =
  | {
      readonly state: "insert";
      readonly insertions: readonly Insertion[];
      /** The empty containers that were made for ours: they go with it. */
      readonly made: readonly JsonPath[];
    }
  | { readonly state: "already" }
  | { readonly state: "stale" }
  | ({ readonly state: "refused"; readonly lines: readonly string[] } & Reason);

/** What is left of a text without ours. `shifted` names the lists in which entries of others stood behind ours and so moved. */
export interface Rest {
  readonly text: string;
  readonly shifted: readonly string[];
}

/** What we put into a file of another program, without a word about which file. Pure. */
export interface Edit {
  readonly kind: "json" | "toml" | "block";
  /** What to insert into the text so that ours is in it. */
  plan(text: string): Plan;
  /** The text without ours, found by what it looks like. "nothing": there is none of ours. */
  withoutOurs(text: string, made: readonly JsonPath[]): Rest | "nothing" | Unreadable;
  /** True when two texts say the same apart from how they are laid out. */
  agree(one: string, other: string): boolean;
  /** True when a text holds nothing any more: then a file that we made is removed. */
  isEmpty(text: string): boolean;
}
