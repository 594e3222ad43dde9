import type { Edit } from "../edit/edit.ts";
import type { Json } from "../edit/jsonc.ts";
import type { Schedule, ScheduleFacts } from "../schedule/schedule.ts";
import type { UndoStep } from "./plan-uninstall.ts";

/** A server for the file of Claude Code that names them. */
export interface ServerStep {
  readonly path: string;
  readonly name: string;
  readonly entry: { readonly [name: string]: Json };
  readonly edit: Edit;
}

type Work =
  | { readonly kind: "program"; readonly path: string; readonly data: Buffer }
  /** A file of our own, 0600. */
  | { readonly kind: "own_file"; readonly path: string; readonly text: string }
  | {
      readonly kind: "tokens";
      readonly path: string;
      readonly ai: string | undefined;
      readonly sync: string | undefined;
    }
  /**
   * A file of another program. `strictJson`: that program reads JSON without comments only. `putsBack`: something is taken out
   * that the person does not want, and this option puts it in again.
   */
  | {
      readonly kind: "edit";
      readonly path: string;
      readonly edit: Edit;
      readonly strictJson?: boolean;
      readonly putsBack?: string;
    }
  /** Something of an earlier install that the person does not want any more. */
  | { readonly kind: "take_out"; readonly path?: string; readonly undo: UndoStep; readonly putsBack: string }
  | ({ readonly kind: "claude_server" } & ServerStep)
  | { readonly kind: "schedule"; readonly schedule: Schedule; readonly facts: ScheduleFacts }
  /** Something that is not done, and why. */
  | { readonly kind: "left_out"; readonly why: string };

/** One thing that installing does. It is a value: a plan is shown, or done. */
export type Step = Work & {
  readonly id: string;
  /** For people. */
  readonly what: string;
};

/** What became of a step. `skipped` was not wanted or not possible, `failed` has to be looked at. */
export interface StepResult {
  readonly id: string;
  readonly what: string;
  readonly state: "done" | "already" | "skipped" | "failed";
  readonly path?: string;
  readonly why?: string | undefined;
  /** The file's own program does not read it as it is, for whatever a person wrote. */
  readonly unread?: boolean;
  /** What a person may add by hand. */
  readonly lines?: readonly string[];
  /** A copy of the file before the edit. */
  readonly backup?: string | undefined;
}

/** Why a part is not put in that the person does not want. */
export function leftOutBy(option: string): string {
  return `left out, as you chose; ${option} puts it in`;
}

/** Why a part is gone. */
export function takenOutBy(option: string): string {
  return `taken out, as you chose; ${option} puts it in again`;
}
