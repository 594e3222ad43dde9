import type { Preview } from "../edit/preview.ts";
import { withAdvice, type Doing } from "./advice.ts";

/** What a step would do. */
export interface StepPreview {
  readonly id: string;
  readonly what: string;
  readonly state: "change" | "already" | "skipped" | "failed";
  readonly path?: string;
  /** Unified. */
  readonly diff?: string;
  /** What would be written or run that is no edit of a text. */
  readonly does?: readonly string[];
  /** Why nothing would be done. */
  readonly why?: string;
}

/** The same without the step's name. */
export type Shown = Omit<StepPreview, "id" | "what" | "path">;

/** A step with what it would do; `mask` takes the secrets out of what is shown. */
export function previewOf(
  step: { readonly id: string; readonly what: string; readonly path?: string },
  { diff, ...shown }: Shown,
  mask: (text: string) => string,
): StepPreview {
  const { id, what, path } = step;
  return {
    id,
    what,
    ...(path !== undefined && { path }),
    ...shown,
    ...(diff !== undefined && { diff: mask(diff) }),
  };
}

/** An edit of a file, as it is shown. */
export function shownEdit(edit: Preview, doing: Doing): Shown {
  if ("why" in edit) return { state: "failed", why: withAdvice(edit, doing) };
  return edit.diff === "" ? { state: "already" } : { state: "change", diff: edit.diff };
}
